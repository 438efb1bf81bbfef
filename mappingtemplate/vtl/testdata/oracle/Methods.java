import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.apache.velocity.util.ArrayListWrapper;

/**
 * Prints the methods that templates can call: for each class of the values that
 * they see, the public methods which that class has from public classes and
 * interfaces, those of Object included.
 */
public final class Methods {
    public static void main(String[] args) {
        System.out.println("Java " + Runtime.version().feature());
        List<Object> list = new ArrayList<>(List.of(1, 2));
        Map<String, Object> map = new LinkedHashMap<>(Map.of("key", "value"));
        List<Object> array = new ArrayListWrapper(new String[] {"a", "b"});
        Object[] values = {
            "", 'c', true, 1, 1L, 1.0, BigInteger.ONE, BigDecimal.ONE, (byte) 1, (short) 1, 1f,
            list, list.subList(0, 1), list.iterator(), list.listIterator(), list.subList(0, 1).iterator(),
            map, map.keySet(), map.values(), map.entrySet(), map.entrySet().iterator().next(),
            map.keySet().iterator(), map.values().iterator(), map.entrySet().iterator(),
            array.subList(0, 1), array.iterator(), array.listIterator(), array.subList(0, 1).iterator(),
        };
        for (Object value : values) {
            print(value.getClass().getTypeName(), value.getClass());
        }
        for (Object value : new Object[] {new String[0], new Object[0], new char[0]}) {
            // Velocity puts a list around an array to find a method.
            print(value.getClass().getTypeName(), ArrayListWrapper.class);
        }
    }

    private static void print(String title, Class<?> type) {
        Set<String> signatures = new TreeSet<>();
        collect(type, signatures, new HashSet<>());
        System.out.println(title);
        signatures.forEach(signature -> System.out.println("\t" + signature));
    }

    private static void collect(Class<?> type, Set<String> signatures, Set<Class<?>> seen) {
        if (type == null || !seen.add(type)) {
            return;
        }
        if (Modifier.isPublic(type.getModifiers())) {
            for (Method method : type.getDeclaredMethods()) {
                if (Modifier.isPublic(method.getModifiers())) {
                    String[] types = Arrays.stream(method.getParameterTypes()).map(Class::getTypeName).toArray(String[]::new);
                    signatures.add(method.getName() + "(" + String.join(",", types) + ")");
                }
            }
        }
        collect(type.getSuperclass(), signatures, seen);
        for (Class<?> each : type.getInterfaces()) {
            collect(each, signatures, seen);
        }
    }
}
