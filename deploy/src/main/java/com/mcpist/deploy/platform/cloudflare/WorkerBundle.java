package com.mcpist.deploy.platform.cloudflare;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Worker's program as wrangler has built it.
 *
 * @param compatibilityDate whose behaviour of the runtime it is written for
 * @param compatibilityFlags what is switched on besides
 * @param observability whether Cloudflare keeps its logs; empty: that stays as it is there
 */
public record WorkerBundle(
    String module,
    String compatibilityDate,
    List<String> compatibilityFlags,
    Optional<Boolean> observability) {
  /** What the module is called in an upload. */
  public static final String MODULE = "index.js";

  private static final Path BUILT = Path.of("dist", MODULE);
  private static final List<String> SETTINGS =
      List.of("wrangler.jsonc", "wrangler.json", "wrangler.toml");
  private static final Pattern DATE =
      Pattern.compile("\"?compatibility_date\"?\\s*[:=]\\s*\"(\\d{4}-\\d{2}-\\d{2})\"");
  private static final Pattern FLAGS =
      Pattern.compile("\"?compatibility_flags\"?\\s*[:=]\\s*\\[([^\\]]*)]");
  private static final Pattern OBSERVABILITY =
      Pattern.compile(
          "(?:\"observability\"\\s*:\\s*\\{|\\[observability])[^{}\\[]*?\\benabled\"?\\s*[:=]\\s*(true|false)");
  private static final Pattern WORD = Pattern.compile("\"([a-z0-9_]+)\"");

  /**
   * Reads what has been built.
   *
   * @throws PlatformException where it has not been built
   */
  public static WorkerBundle read(Path folder) throws PlatformException {
    Path built = folder.resolve(BUILT);
    if (!Files.isRegularFile(built)) {
      throw missing(built + " is not there");
    }
    try {
      String settings = settings(folder);
      Matcher date = DATE.matcher(settings);
      if (!date.find()) {
        throw missing("wrangler's settings in " + folder + " have no compatibility_date");
      }
      return new WorkerBundle(
          Files.readString(built), date.group(1), flags(settings), observability(settings));
    } catch (IOException e) {
      throw missing("the bundle cannot be read: " + e.getMessage());
    }
  }

  /** What it is called where nobody has given it a name: how its digest begins. */
  public String name() {
    return "worker-" + digest(module).substring(0, 12);
  }

  private static String settings(Path folder) throws IOException, PlatformException {
    for (String name : SETTINGS) {
      if (Files.isRegularFile(folder.resolve(name))) {
        return Files.readString(folder.resolve(name));
      }
    }
    throw missing("there is no " + SETTINGS.getFirst() + " in " + folder);
  }

  private static List<String> flags(String settings) {
    List<String> flags = new ArrayList<>();
    Matcher list = FLAGS.matcher(settings);
    if (list.find()) {
      WORD.matcher(list.group(1)).results().forEach(word -> flags.add(word.group(1)));
    }
    return flags;
  }

  private static Optional<Boolean> observability(String settings) {
    Matcher enabled = OBSERVABILITY.matcher(settings);
    return enabled.find() ? Optional.of(Boolean.valueOf(enabled.group(1))) : Optional.empty();
  }

  private static PlatformException missing(String problem) {
    return new PlatformException(
        Kind.REJECTED,
        CloudflareAccess.NAME,
        "read the bundle",
        problem,
        "Build it: worker/build.sh");
  }

  /** The texts' SHA-256, in 64 hexadecimal digits. */
  static String digest(String... texts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String text : texts) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
