import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.runtime.RuntimeConstants;
import org.apache.velocity.util.ArrayListWrapper;
import org.apache.velocity.util.introspection.Info;
import org.apache.velocity.util.introspection.UberspectImpl;
import org.apache.velocity.util.introspection.VelMethod;

/**
 * Renders templates with Apache Velocity 1.7 in its default configuration.
 *
 * <p>Standard input has one template a line, base64 of UTF-8. Each is answered
 * by one line: {@code text}, {@code error} or {@code timeout}, a blank, and
 * base64 of the rendered text or of the exception's message. After them come
 * the Java methods that the template called.
 *
 * <p>Usage: {@code java -cp JARS Oracle.java context.json}
 */
public final class Oracle {
    private static final long TIMEOUT_MILLIS = 2000;
    /** Recursion ends in a StackOverflowError soon, instead of in a timeout. */
    private static final long STACK_BYTES = 4 << 20;

    public static void main(String[] args) throws Exception {
        String context = Files.readString(Path.of(args[0]));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = System.out;
        System.setOut(System.err);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String template = new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8);
            out.print(answer(template, context) + "\n");
            out.flush();
        }
    }

    @SuppressWarnings({"deprecation", "removal"})
    private static String answer(String template, String context) throws InterruptedException {
        String[] answer = {"timeout "};
        Thread worker = new Thread(null, () -> answer[0] = render(template, context), "render", STACK_BYTES);
        worker.setDaemon(true);
        // Velocity looks there for the class Recorder.
        worker.setContextClassLoader(Oracle.class.getClassLoader());
        worker.start();
        worker.join(TIMEOUT_MILLIS);
        if (worker.isAlive()) {
            worker.stop();
            return "timeout ";
        }
        return answer[0] + " " + String.join(" ", Recorder.CALLS);
    }

    private static String render(String template, String context) {
        VelocityContext variables = new VelocityContext();
        ((Map<?, ?>) new Json(context).read()).forEach((name, value) -> variables.put((String) name, value));
        variables.put("decimal", new Decimals());
        StringWriter text = new StringWriter();
        Recorder.CALLS.clear();
        try {
            newEngine().evaluate(variables, text, "velocity", template);
            return "text " + encode(text.toString());
        } catch (Throwable thrown) {
            String message = thrown.getMessage();
            return "error " + encode(message == null ? thrown.getClass().getName() : message);
        }
    }

    /** An engine of its own for each template: inline macros are global in an engine. */
    private static VelocityEngine newEngine() {
        VelocityEngine engine = new VelocityEngine();
        engine.setProperty(RuntimeConstants.RUNTIME_LOG_LOGSYSTEM_CLASS, "org.apache.velocity.runtime.log.NullLogChute");
        // How many parsers are made ahead, which is most of an engine's cost.
        engine.setProperty(RuntimeConstants.PARSER_POOL_SIZE, "1");
        engine.setProperty(RuntimeConstants.UBERSPECT_CLASSNAME, Recorder.class.getName());
        engine.init();
        return engine;
    }

    /** Half a surrogate pair, which has no UTF-8, becomes U+FFFD. */
    private static String encode(String text) {
        try {
            var bytes = StandardCharsets.UTF_8.newEncoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .replaceWith("\uFFFD".getBytes(StandardCharsets.UTF_8))
                .encode(CharBuffer.wrap(text));
            return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), bytes.limit()));
        } catch (CharacterCodingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Velocity's own resolution of methods, which also notes what it finds. */
    public static final class Recorder extends UberspectImpl {
        static final Set<String> CALLS = Collections.synchronizedSet(new TreeSet<>());

        @Override
        public VelMethod getMethod(Object receiver, String name, Object[] arguments, Info info) throws Exception {
            VelMethod found = super.getMethod(receiver, name, arguments, info);
            if (found != null && !(receiver instanceof Decimals)) {
                Class<?> type = receiver.getClass();
                Method method = introspector.getMethod(type, name, arguments);
                if (method == null && type.isArray()) {
                    method = introspector.getMethod(ArrayListWrapper.class, name, arguments);
                }
                if (method != null) {
                    CALLS.add(type.getTypeName() + "." + signature(method));
                }
            }
            return found;
        }

        private static String signature(Method method) {
            String[] types = Arrays.stream(method.getParameterTypes()).map(Class::getTypeName).toArray(String[]::new);
            return method.getName() + "(" + String.join(",", types) + ")";
        }
    }

    /** The tool $decimal, for what no literal makes. */
    public static final class Decimals {
        public BigDecimal of(String text) {
            return new BigDecimal(text);
        }
    }

    /** Reads valid JSON into the classes that templates see. */
    private static final class Json {
        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        Object read() {
            switch (next()) {
                case '{':
                    Map<String, Object> map = new LinkedHashMap<>();
                    for (char end = open('}'); end != '}'; end = text.charAt(at++)) {
                        next();
                        String key = string();
                        next();
                        at++; // the colon
                        map.put(key, read());
                        next();
                    }
                    return map;
                case '[':
                    List<Object> list = new ArrayList<>();
                    for (char end = open(']'); end != ']'; end = text.charAt(at++)) {
                        list.add(read());
                        next();
                    }
                    return list;
                case '"':
                    return string();
                case 't':
                    at += "true".length();
                    return true;
                case 'f':
                    at += "false".length();
                    return false;
                case 'n':
                    at += "null".length();
                    return null;
                default:
                    return number();
            }
        }

        /** The next character that is no blank; it stays unread. */
        private char next() {
            while (text.charAt(at) <= ' ') {
                at++;
            }
            return text.charAt(at);
        }

        /** Enters a collection, and leaves it if the next character ends it. */
        private char open(char end) {
            at++;
            if (next() == end) {
                at++;
                return end;
            }
            return ',';
        }

        private String string() {
            StringBuilder s = new StringBuilder();
            for (char c = text.charAt(++at); c != '"'; c = text.charAt(++at)) {
                if (c != '\\') {
                    s.append(c);
                    continue;
                }
                c = text.charAt(++at);
                int control = "bfnrt".indexOf(c);
                if (c == 'u') {
                    s.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                    at += 4;
                } else {
                    s.append(control < 0 ? c : "\b\f\n\r\t".charAt(control));
                }
            }
            at++;
            return s.toString();
        }

        private Number number() {
            int start = at;
            while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            String digits = text.substring(start, at);
            if (!digits.matches("-?[0-9]+")) {
                return Double.valueOf(digits);
            }
            BigInteger n = new BigInteger(digits);
            if (n.bitLength() < Integer.SIZE) {
                return n.intValue();
            }
            if (n.bitLength() < Long.SIZE) {
                return n.longValue();
            }
            return n;
        }
    }
}
