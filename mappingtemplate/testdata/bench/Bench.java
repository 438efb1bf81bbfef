import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.velocity.Template;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.runtime.resource.loader.StringResourceLoader;

/**
 * Renders one template with Apache Velocity 1.7 over and over and prints how much processor time a
 * rendering takes.
 *
 * <p>Arguments: template, context, seconds to warm up, rounds, seconds a round. Output: nanoseconds a
 * rendering in the median round, by the clock of the process, which counts garbage collection; the
 * same by that of the thread; and the text in base 64, one a line.
 */
public class Bench {
  public static void main(String[] args) throws Exception {
    VelocityEngine engine = new VelocityEngine();
    engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
    engine.setProperty("resource.loader", "string");
    engine.setProperty("string.resource.loader.class", StringResourceLoader.class.getName());
    engine.setProperty("string.resource.loader.encoding", "UTF-8");
    engine.setProperty("input.encoding", "UTF-8");
    engine.init();
    StringResourceLoader.getRepository().putStringResource("template", read(args[0]), "UTF-8");
    Template template = engine.getTemplate("template", "UTF-8");
    @SuppressWarnings("unchecked")
    Map<String, Object> prepared = (Map<String, Object>) new Parser(read(args[1])).document();
    Util util = new Util(prepared.get("identity"));

    double warmUp = Double.parseDouble(args[2]);
    int rounds = Integer.parseInt(args[3]);
    double seconds = Double.parseDouble(args[4]);
    textLength = render(template, prepared, util).length();
    measure(template, prepared, util, warmUp);
    double[] process = new double[rounds];
    double[] thread = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      double[] round = measure(template, prepared, util, seconds);
      process[i] = round[0];
      thread[i] = round[1];
    }
    System.out.println(median(process));
    System.out.println(median(thread));
    byte[] text = render(template, prepared, util).getBytes(StandardCharsets.UTF_8);
    System.out.println(Base64.getEncoder().encodeToString(text));
  }

  /** The room that a writer begins with, so that it never has to grow. */
  private static int textLength;

  private static String read(String path) throws Exception {
    return new String(Files.readAllBytes(Paths.get(path)), StandardCharsets.UTF_8);
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  /**
   * Renders for some seconds and returns the nanoseconds that a rendering takes: of the process and of
   * this thread.
   */
  private static double[] measure(Template template, Map<String, Object> prepared, Util util, double seconds) {
    com.sun.management.OperatingSystemMXBean system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    java.lang.management.ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long process = system.getProcessCpuTime();
    long thread = threads.getCurrentThreadCpuTime();
    long end = System.nanoTime() + (long) (seconds * 1e9);
    long count = 0;
    do {
      for (int i = 0; i < 64; i++) {
        total += render(template, prepared, util).length();
      }
      count += 64;
    } while (System.nanoTime() < end);
    return new double[] {
      (double) (system.getProcessCpuTime() - process) / count,
      (double) (threads.getCurrentThreadCpuTime() - thread) / count
    };
  }

  /** Keeps the texts from being optimized away. */
  static volatile long total;

  /**
   * Renders in the prepared context, which nothing changes but the stash: where there is one, the
   * template gets copies of it and of the map around it.
   */
  private static String render(Template template, Map<String, Object> prepared, Util util) {
    Map<String, Object> ctx = prepared;
    Object stash = prepared.get("stash");
    if (stash != null) {
      ctx = new LinkedHashMap<>(prepared);
      ctx.put("stash", new LinkedHashMap<>((Map<?, ?>) stash));
    }
    VelocityContext context = new VelocityContext();
    context.put("context", ctx);
    context.put("ctx", ctx);
    context.put("util", util);
    context.put("utils", util);
    StringWriter writer = new StringWriter(textLength);
    template.merge(context, writer);
    return writer.toString();
  }

  /** The helpers of $util that the templates use. */
  public static class Util {
    private final Object identity;
    private final DynamoDB dynamodb = new DynamoDB();
    private final Maps map = new Maps();
    private final Lists list = new Lists();

    Util(Object identity) {
      this.identity = identity;
    }

    public DynamoDB getDynamodb() {
      return dynamodb;
    }

    public Maps getMap() {
      return map;
    }

    public Lists getList() {
      return list;
    }

    public String qr(Object v) {
      return "";
    }

    public String toJson(Object v) {
      StringBuilder b = new StringBuilder();
      json(b, v);
      return b.toString();
    }

    public Object parseJson(String s) {
      try {
        return s == null ? null : new Parser(s).document();
      } catch (RuntimeException e) {
        return null;
      }
    }

    /** The random bits are constant, so that both sides render the same text. */
    public String autoId() {
      return new UUID(0x0123456789ab4defL, 0x8123456789abcdefL).toString();
    }

    public boolean isNull(Object v) {
      return v == null;
    }

    public boolean isString(Object v) {
      return v instanceof String;
    }

    public boolean isList(Object v) {
      return v instanceof List;
    }

    public Object defaultIfNull(Object v, Object other) {
      return v == null ? other : v;
    }

    public Object defaultIfNullOrBlank(String v, Object other) {
      return v == null || v.trim().isEmpty() ? other : v;
    }

    public String authType() {
      if (identity instanceof Map && ((Map<?, ?>) identity).containsKey("defaultAuthStrategy")) {
        return "User Pool Authorization";
      }
      return identity == null ? "API Key Authorization" : "IAM Authorization";
    }

    public void unauthorized() {
      throw new IllegalStateException("Unauthorized");
    }

    public void error(String message, String type) {
      throw new IllegalStateException(type + ": " + message);
    }
  }

  public static class DynamoDB {
    public String toDynamoDBJson(Object v) {
      StringBuilder b = new StringBuilder();
      typed(b, v);
      return b.toString();
    }

    private static void typed(StringBuilder b, Object v) {
      if (v == null) {
        b.append("{\"NULL\":null");
      } else if (v instanceof Map) {
        b.append("{\"M\":{");
        boolean more = false;
        for (Map.Entry<?, ?> e : ((Map<?, ?>) v).entrySet()) {
          if (more) {
            b.append(',');
          }
          more = true;
          quote(b, (String) e.getKey());
          b.append(':');
          typed(b, e.getValue());
        }
        b.append('}');
      } else if (v instanceof Collection) {
        b.append("{\"L\":[");
        boolean more = false;
        for (Object item : (Collection<?>) v) {
          if (more) {
            b.append(',');
          }
          more = true;
          typed(b, item);
        }
        b.append(']');
      } else {
        b.append(v instanceof Number ? "{\"N\":" : v instanceof Boolean ? "{\"BOOL\":" : "{\"S\":");
        json(b, v);
      }
      b.append('}');
    }
  }

  public static class Maps {
    public Map<Object, Object> copyAndRetainAllKeys(Map<?, ?> map, List<?> keys) {
      HashSet<Object> keep = new HashSet<>(keys);
      Map<Object, Object> out = new LinkedHashMap<>();
      for (Map.Entry<?, ?> e : map.entrySet()) {
        if (keep.contains(e.getKey())) {
          out.put(e.getKey(), e.getValue());
        }
      }
      return out;
    }
  }

  public static class Lists {
    public List<Object> copyAndRemoveAll(List<?> list, List<?> drop) {
      HashSet<Object> gone = new HashSet<>(drop);
      List<Object> out = new ArrayList<>();
      for (Object item : list) {
        if (!gone.contains(item)) {
          out.add(item);
        }
      }
      return out;
    }
  }

  static void json(StringBuilder b, Object v) {
    if (v instanceof String) {
      quote(b, (String) v);
    } else if (v instanceof Map) {
      b.append('{');
      boolean more = false;
      for (Map.Entry<?, ?> e : ((Map<?, ?>) v).entrySet()) {
        if (more) {
          b.append(',');
        }
        more = true;
        quote(b, (String) e.getKey());
        b.append(':');
        json(b, e.getValue());
      }
      b.append('}');
    } else if (v instanceof Collection) {
      b.append('[');
      boolean more = false;
      for (Object item : (Collection<?>) v) {
        if (more) {
          b.append(',');
        }
        more = true;
        json(b, item);
      }
      b.append(']');
    } else {
      b.append(v);
    }
  }

  static void quote(StringBuilder b, String s) {
    b.append('"');
    int start = 0;
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c >= 0x20 && c != '"' && c != '\\') {
        continue;
      }
      b.append(s, start, i);
      start = i + 1;
      switch (c) {
        case '"':
        case '\\':
          b.append('\\').append(c);
          break;
        case '\n':
          b.append("\\n");
          break;
        case '\r':
          b.append("\\r");
          break;
        case '\t':
          b.append("\\t");
          break;
        default:
          b.append(String.format("\\u%04X", (int) c));
      }
    }
    b.append(s, start, s.length()).append('"');
  }

  /** Parses JSON into LinkedHashMap, ArrayList, String, Integer, Double, Boolean and null. */
  static class Parser {
    private final String s;
    private int at;

    Parser(String s) {
      this.s = s;
    }

    Object document() {
      Object v = value();
      blanks();
      if (at < s.length()) {
        throw new IllegalArgumentException("text behind the value");
      }
      return v;
    }

    private void blanks() {
      while (at < s.length() && s.charAt(at) <= ' ') {
        at++;
      }
    }

    private char next() {
      blanks();
      return s.charAt(at);
    }

    private void expect(char c) {
      if (next() != c) {
        throw new IllegalArgumentException("expected " + c);
      }
      at++;
    }

    private Object value() {
      switch (next()) {
        case '{':
          return object();
        case '[':
          return array();
        case '"':
          return string();
        case 't':
          return word("true", true);
        case 'f':
          return word("false", false);
        case 'n':
          return word("null", null);
        default:
          return number();
      }
    }

    private Object word(String word, Object v) {
      if (!s.startsWith(word, at)) {
        throw new IllegalArgumentException("unknown word");
      }
      at += word.length();
      return v;
    }

    private Object object() {
      Map<String, Object> m = new LinkedHashMap<>();
      at++;
      if (next() == '}') {
        at++;
        return m;
      }
      while (true) {
        blanks();
        String key = string();
        expect(':');
        m.put(key, value());
        if (next() == '}') {
          at++;
          return m;
        }
        expect(',');
      }
    }

    private Object array() {
      List<Object> l = new ArrayList<>();
      at++;
      if (next() == ']') {
        at++;
        return l;
      }
      while (true) {
        l.add(value());
        if (next() == ']') {
          at++;
          return l;
        }
        expect(',');
      }
    }

    private String string() {
      expect('"');
      int start = at;
      while (s.charAt(at) != '"' && s.charAt(at) != '\\') {
        at++;
      }
      if (s.charAt(at) == '"') {
        return s.substring(start, at++);
      }
      StringBuilder b = new StringBuilder(s.substring(start, at));
      for (char c = s.charAt(at++); c != '"'; c = s.charAt(at++)) {
        if (c != '\\') {
          b.append(c);
          continue;
        }
        c = s.charAt(at++);
        switch (c) {
          case 'n':
            b.append('\n');
            break;
          case 't':
            b.append('\t');
            break;
          case 'r':
            b.append('\r');
            break;
          case 'u':
            b.append((char) Integer.parseInt(s.substring(at, at + 4), 16));
            at += 4;
            break;
          default:
            b.append(c);
        }
      }
      return b.toString();
    }

    private Object number() {
      int start = at;
      while (at < s.length() && "+-.eE0123456789".indexOf(s.charAt(at)) >= 0) {
        at++;
      }
      String text = s.substring(start, at);
      if (text.indexOf('.') >= 0 || text.indexOf('e') >= 0 || text.indexOf('E') >= 0) {
        return Double.valueOf(text);
      }
      return Integer.valueOf(text);
    }
  }
}
