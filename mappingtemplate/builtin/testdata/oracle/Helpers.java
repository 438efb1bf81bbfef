import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.commons.lang.StringEscapeUtils;

/**
 * Answers, line by line, what Java's own libraries make of a call. A question is
 * the name of an operation and its arguments, separated by blanks, each but the
 * name in base64. An answer is "=" and the result in base64, or "!" and the class
 * of the exception. An empty line asks for the answers so far.
 */
public class Helpers {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    StringBuilder out = new StringBuilder();
    PrintStream answers = new PrintStream(System.out, false);
    for (String line; (line = in.readLine()) != null; ) {
      if (line.isEmpty()) {
        answers.print(out);
        answers.flush();
        out.setLength(0);
        continue;
      }
      String[] words = line.split(" ", -1);
      String[] a = new String[words.length - 1];
      for (int i = 0; i < a.length; i++) {
        a[i] = new String(Base64.getDecoder().decode(words[i + 1]), StandardCharsets.UTF_8);
      }
      String answer;
      try {
        answer = "=" + Base64.getEncoder().encodeToString(answer(words[0], a).getBytes(StandardCharsets.UTF_8));
      } catch (Exception e) {
        answer = "!" + e.getClass().getName();
      }
      out.append(answer).append('\n');
    }
  }

  static String answer(String op, String[] a) throws Exception {
    switch (op) {
      case "format": { // pattern, epoch second, nanosecond, zone
        Instant at = Instant.ofEpochSecond(Long.parseLong(a[1]), Long.parseLong(a[2]));
        return at.atZone(ZoneId.of(a[3])).format(DateTimeFormatter.ofPattern(a[0], Locale.US));
      }
      case "parse": { // text, pattern, zone
        DateTimeFormatter f = DateTimeFormatter.ofPattern(a[1], Locale.US).withZone(ZoneId.of(a[2]));
        return "" + ZonedDateTime.parse(a[0], f).toInstant().toEpochMilli();
      }
      case "iso": // text
        return "" + OffsetDateTime.parse(a[0]).toInstant().toEpochMilli();
      case "urlEncode":
        return URLEncoder.encode(a[0], "UTF-8");
      case "urlDecode":
        return URLDecoder.decode(a[0], "UTF-8");
      case "base64Encode":
        return Base64.getEncoder().encodeToString(a[0].getBytes(StandardCharsets.UTF_8));
      case "base64Decode":
        return Base64.getEncoder().encodeToString(Base64.getDecoder().decode(a[0])); // bytes
      case "escapeJavaScript":
        return StringEscapeUtils.escapeJavaScript(a[0]);
      case "normalize": // text, form
        return Normalizer.normalize(a[0], Normalizer.Form.valueOf(a[1].toUpperCase(Locale.ROOT)));
      case "roundNum":
        return "" + Math.round(Double.parseDouble(a[0]));
      case "minVal":
        return "" + Math.min(Double.parseDouble(a[0]), Double.parseDouble(a[1]));
      case "maxVal":
        return "" + Math.max(Double.parseDouble(a[0]), Double.parseDouble(a[1]));
      case "toUpper":
        return a[0].toUpperCase(Locale.US);
      case "toLower":
        return a[0].toLowerCase(Locale.US);
      case "toReplace":
        return a[0].replace(a[1], a[2]);
      case "matches": // pattern, text
        return "" + Pattern.matches(a[0], a[1]);
      case "isNullOrBlank":
        return "" + org.apache.commons.lang.StringUtils.isBlank(a[0]);
      case "sortList": { // direction, items
        List<String> items = new ArrayList<>();
        for (int i = 1; i < a.length; i++) {
          items.add(a[i]);
        }
        if (a[0].equals("true")) {
          items.sort(Collections.reverseOrder());
        } else {
          Collections.sort(items);
        }
        return String.join("\u0000", items);
      }
      case "sortDoubles": {
        List<Double> items = new ArrayList<>();
        for (int i = 1; i < a.length; i++) {
          items.add(Double.valueOf(a[i]));
        }
        if (a[0].equals("true")) {
          items.sort(Collections.reverseOrder());
        } else {
          Collections.sort(items);
        }
        return items.toString();
      }
    }
    throw new IllegalStateException(op);
  }
}
