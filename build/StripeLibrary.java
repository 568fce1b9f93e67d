import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Stripe's library without the parts of parameters of calls that the origin does not make: 20 MB
 * become 7. A class of parameters itself stays, because the JVM looks at those of all calls of a
 * service when it links that. No library is made unless all of it that the origin names links.
 */
final class StripeLibrary {
  private static final String PARAMETERS = "com/stripe/param/";
  private static final Pattern CLASS = Pattern.compile("com/stripe/[\\w/$]+");

  private StripeLibrary() {}

  /** {@code library}: with the origin's jar and the others beside it. */
  static void pack(Path library, Path target) throws IOException {
    List<Path> jars;
    try (Stream<Path> files = Files.list(library.getParent())) {
      jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
    Set<String> named = new TreeSet<>();
    for (Path jar : jars) {
      if (jar.getFileName().toString().matches("origin-[0-9].*")) {
        named.addAll(named(jar));
      }
    }
    Set<String> outer =
        named.stream().map(StripeLibrary::outer).collect(Collectors.toUnmodifiableSet());
    try (ZipFile jar = new ZipFile(library.toFile());
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(target))) {
      for (ZipEntry entry : Collections.list(jar.entries())) {
        String name = entry.getName();
        boolean part = name.startsWith(PARAMETERS) && name.contains("$");
        if (!part || outer.contains(outer(name))) {
          ZipEntry kept = new ZipEntry(name);
          kept.setTimeLocal(entry.getTimeLocal());
          out.putNextEntry(kept);
          jar.getInputStream(entry).transferTo(out);
          out.closeEntry();
        }
      }
    }
    List<Path> packed = new ArrayList<>(jars);
    packed.set(packed.indexOf(library), target);
    link(named, packed);
  }

  /** The classes of the library that the constant pools of a jar's classes name. */
  private static Set<String> named(Path jar) throws IOException {
    Set<String> named = new TreeSet<>();
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        byte[] bytes = zip.getInputStream(entry).readAllBytes();
        Matcher names = CLASS.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
        names.results().forEach(name -> named.add(name.group()));
      }
    }
    return named;
  }

  private static String outer(String name) {
    return name.replaceFirst("[$.].*", "");
  }

  private static void link(Set<String> names, List<Path> jars) throws IOException {
    URL[] urls = new URL[jars.size()];
    for (int i = 0; i < urls.length; i++) {
      urls[i] = jars.get(i).toUri().toURL();
    }
    try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
      for (String name : names) {
        try {
          var _ = Class.forName(name.replace('/', '.'), true, loader).getDeclaredMethods();
        } catch (ClassNotFoundException | LinkageError e) {
          throw new IllegalStateException(name + " cannot be linked: " + e.getMessage(), e);
        }
      }
    }
  }
}
