package com.mcpist.origin.db;

import com.mcpist.database.DatabaseUrl;
import com.mcpist.module.Module;
import com.mcpist.origin.db.UnusableDatabaseException.IncompatibleSchema;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.jspecify.annotations.Nullable;

/**
 * The migrations that this release has of the origin's own tables, or of a module's: the files
 * {@code V…__….sql} and {@code R__….sql} in a folder of the class path, with a list of their own of
 * what was applied. What each change must keep to is in docs/design/database.md.
 */
final class Migrations {
  static final int CONNECT_SECONDS = 2;
  static final int ANSWER_SECONDS = 60;
  private static final String FOLDER = "db/migration";
  private static final Pattern NAME = Pattern.compile("(?:V(?<version>[0-9]+)|R)__\\w+\\.sql");

  /** What Flyway, or a person, takes for a migration. */
  private static final Pattern LIKE_ONE = Pattern.compile("(?i)(?:[VUB][0-9][0-9._]*|R_)_.*\\.sql");

  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}]*)}");

  /** What a state has. */
  private static final List<String> PLACEHOLDERS = List.of("schema", "everyone", "module");

  private static final String OWN = "mcpist";
  private static final String APPLIED = "flyway_schema_history";

  /** SQLSTATEs of mistakes, which another try does not mend. */
  private static final Pattern MISTAKE = Pattern.compile("(?!42501)(?:0A|21|22|23|42|P0).*");

  private final ClassLoader loader;
  private final String owner;
  private final String folder;

  private final Map<String, String> texts = new TreeMap<>();
  private volatile @Nullable Migrated done;

  private Migrations(ClassLoader loader, String owner, String folder) {
    this.loader = loader;
    this.owner = owner;
    this.folder = folder;
  }

  /**
   * The origin's own. Throws UncheckedIOException where the class path cannot be read. Throws
   * IllegalStateException where there are none, or two of one version: the program was packed
   * wrongly.
   */
  static Migrations of(ClassLoader loader) {
    // All are in one jar: to look for more of such folders would open every jar of the program.
    URL folder = loader.getResource(FOLDER);
    if (folder == null) {
      throw new IllegalStateException("There is no folder " + FOLDER + " in the class path");
    }
    Migrations files = new Migrations(loader, OWN, FOLDER);
    try {
      for (String name : names(folder)) {
        if (NAME.matcher(name).matches()) {
          files.add(name);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    files.checkVersions();
    return files;
  }

  /**
   * Those of modules, each in the folder {@code db/NAME} of its jar; of a module that has none
   * there is nothing. Throws IllegalStateException where a jar has one that would not be applied,
   * or is not as it must be.
   */
  static List<Migrations> of(List<Module> modules) {
    Map<String, Migrations> byFolder = new LinkedHashMap<>();
    Set<Path> places = new LinkedHashSet<>();
    for (Module module : modules) {
      Path place = ClassPlace.of(module.getClass());
      if (!place.equals(ClassPlace.of(Migrations.class))) {
        places.add(place);
        String folder = "db/" + module.name();
        byFolder.put(
            folder, new Migrations(module.getClass().getClassLoader(), module.name(), folder));
      }
    }
    try {
      for (Path place : places) {
        for (String file : files(place)) {
          addTo(byFolder, file, place);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Migrations> all = byFolder.values().stream().filter(m -> !m.texts.isEmpty()).toList();
    all.forEach(Migrations::checkVersions);
    return all;
  }

  private static void addTo(Map<String, Migrations> byFolder, String file, Path place)
      throws IOException {
    int slash = file.lastIndexOf('/');
    String name = file.substring(slash + 1);
    Migrations module = slash < 0 ? null : byFolder.get(file.substring(0, slash));
    if (module == null && LIKE_ONE.matcher(name).matches()) {
      throw new IllegalStateException(
          "%s of %s is in a folder of which no migration is applied: those of a module are in %s"
              .formatted(file, place, String.join(", ", byFolder.keySet())));
    }
    if (module != null && !NAME.matcher(name).matches()) {
      throw new IllegalStateException(
          "%s of %s is not named as a migration is: V<number>__<what>.sql or R__<what>.sql"
              .formatted(file, place));
    }
    if (module != null) {
      module.add(name);
      module.checkRow(name, place);
      module.checkPlaceholders(name, place);
    }
  }

  /** Without its row nobody would know of the version. */
  private void checkRow(String name, Path place) {
    int version = version(name);
    Pattern row =
        Pattern.compile(
            "(?i)insert\\s+into\\s+schema_compatibility\\s+values\\s*\\(\\s*"
                + version
                + "\\s*,\\s*\\d+\\s*\\)");
    if (version > 0 && !row.matcher(String.valueOf(texts.get(name))).find()) {
      throw new IllegalStateException(
          "%s/%s of %s lacks the line \"insert into schema_compatibility values (%d, <the oldest version whose release works with it>);\""
              .formatted(folder, name, place, version));
    }
  }

  /** Flyway would refuse it each time, as if another try could mend it. */
  private void checkPlaceholders(String name, Path place) {
    PLACEHOLDER
        .matcher(String.valueOf(texts.get(name)))
        .results()
        .map(found -> found.group(1))
        .filter(found -> !PLACEHOLDERS.contains(found))
        .findFirst()
        .ifPresent(
            found -> {
              throw new IllegalStateException(
                  "%s/%s of %s has the placeholder ${%s}: there are only ${%s}"
                      .formatted(folder, name, place, found, String.join("}, ${", PLACEHOLDERS)));
            });
  }

  private static List<String> files(Path place) throws IOException {
    if (Files.isDirectory(place)) {
      try (Stream<Path> all = Files.walk(place)) {
        return all.map(file -> place.relativize(file).toString().replace('\\', '/'))
            .filter(file -> file.endsWith(".sql"))
            .toList();
      }
    }
    try (JarFile jar = new JarFile(place.toFile())) {
      return jar.stream().map(JarEntry::getName).filter(file -> file.endsWith(".sql")).toList();
    }
  }

  private void add(String name) throws IOException {
    texts.put(name, text(name));
  }

  private void checkVersions() {
    Map<Integer, String> seen = new TreeMap<>();
    for (String name : texts.keySet()) {
      String other = version(name) == 0 ? null : seen.put(version(name), name);
      if (other != null) {
        throw new IllegalStateException(
            "%s/%s and %s are migrations of one version".formatted(folder, other, name));
      }
    }
  }

  private static List<String> names(URL folder) throws IOException {
    if (folder.openConnection() instanceof JarURLConnection jar) {
      String start = FOLDER + "/";
      return jar.getJarFile().stream()
          .map(entry -> entry.getName())
          .filter(name -> name.startsWith(start))
          .map(name -> name.substring(start.length()))
          .toList();
    }
    try (Stream<Path> list = Files.list(Path.of(URI.create(folder.toString())))) {
      return list.map(path -> path.getFileName().toString()).toList();
    }
  }

  private String text(String name) throws IOException {
    try (InputStream in = loader.getResourceAsStream(folder + "/" + name)) {
      if (in == null) {
        throw new IOException(name + " is not in the class path any more");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Whose they are: a module's name. */
  String owner() {
    return owner;
  }

  private String schema() {
    return owner.equals(OWN) ? "The database's schema" : "The schema of the module " + owner;
  }

  /** The table of what was applied. */
  private String applied() {
    return owner.equals(OWN) ? APPLIED : APPLIED + "_" + owner;
  }

  State state(Connection connection) throws SQLException {
    return State.read(connection, owner, applied());
  }

  int newest() {
    return texts.keySet().stream().mapToInt(Migrations::version).max().orElse(0);
  }

  /** A file's version; 0 for a repeatable one. */
  private static int version(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() && matcher.group("version") != null
        ? Integer.parseInt(matcher.group("version"))
        : 0;
  }

  /**
   * Which of them the database still has to have. A schema that is newer than this release has its
   * functions from a newer one, so that repeatable files are then left as they are. Throws
   * UnusableDatabaseException when this release must not work with the schema.
   */
  List<String> missing(State state) throws UnusableDatabaseException {
    if (state.oldestUsable() > newest()) {
      throw IncompatibleSchema.tooNew(schema(), state.version(), state.oldestUsable(), newest());
    }
    List<String> missing = new ArrayList<>();
    for (Map.Entry<String, String> file : texts.entrySet()) {
      int version = version(file.getKey());
      Integer applied = state.checksums().get(file.getKey());
      boolean same =
          applied != null && applied == checksum(file.getValue(), state.placeholders(), version);
      if (version > 0 && version <= state.version() && !same) {
        throw IncompatibleSchema.notApplied(schema(), state.version(), file.getKey());
      }
      if (!same && (version > 0 || state.version() <= newest())) {
        missing.add(file.getKey());
      }
    }
    return missing;
  }

  /** As Flyway has it: CRC-32 of the lines, those of a repeatable file with its placeholders. */
  private static int checksum(String text, Map<String, String> placeholders, int version) {
    String filled = text;
    if (version == 0) {
      for (Map.Entry<String, String> placeholder : placeholders.entrySet()) {
        filled = filled.replace("${" + placeholder.getKey() + "}", placeholder.getValue());
      }
    }
    CRC32 checksum = new CRC32();
    filled.lines().forEach(line -> checksum.update(line.getBytes(StandardCharsets.UTF_8)));
    return (int) checksum.getValue();
  }

  /**
   * Migrates where there is something to do, safely while other origins do the same. The URL is of
   * the tables' owner, the connection of the same URL, with autocommit on. Returns the schema's
   * version. On SQLException, or FlywayException, as when another has the lock: try again.
   */
  int run(DatabaseUrl url, Connection connection) throws SQLException, UnusableDatabaseException {
    State found = state(connection);
    if (!missing(found).isEmpty()) {
      int from = found.version();
      Instant began = Instant.now();
      // Flyway is loaded only then: most starts find the schema as it should be.
      migrate(url, found.placeholders());
      found = state(connection);
      List<String> missing = missing(found);
      if (!missing.isEmpty()) {
        throw IncompatibleSchema.notApplied(schema(), found.version(), missing.getFirst());
      }
      done = new Migrated(owner, from, found.version(), began, Instant.now());
    }
    return found.version();
  }

  /** What this process has done; empty: nothing. */
  Optional<Migrated> done() {
    return Optional.ofNullable(done);
  }

  private void migrate(DatabaseUrl url, Map<String, String> placeholders)
      throws UnusableDatabaseException {
    try {
      flyway(url, placeholders).migrate();
    } catch (FlywayException e) {
      Optional<SQLException> mistake =
          Database.sqlFailures(e)
              .filter(sql -> MISTAKE.matcher(String.valueOf(sql.getSQLState())).matches())
              .findFirst();
      if (owner.equals(OWN) || mistake.isEmpty()) {
        throw e;
      }
      String said = e.getMessage() + "\n" + e.getCause();
      String file = texts.keySet().stream().filter(said::contains).findFirst().orElse(folder);
      throw IncompatibleSchema.failed(owner, file, Database.firstLine(mistake.get()));
    }
  }

  /**
   * Looks whether there is anything to do, for who may not do it. Returns the schema's version.
   * Throws UnusableDatabaseException when this release cannot work with the schema. Throws
   * SQLException when there is, or the database is away: try again.
   */
  int look(Connection connection) throws SQLException, UnusableDatabaseException {
    State found = state(connection);
    List<String> missing = missing(found);
    if (!missing.isEmpty()) {
      throw new SQLException(
          "%s is version %d and has not had %s, which this release needs, and DATABASE_URL's role may not change it: set MIGRATION_DATABASE_URL to the owner's address, and DATABASE_URL to the same with another user, as mcpist"
              .formatted(schema(), found.version(), String.join(", ", missing)));
    }
    return found.version();
  }

  private Flyway flyway(DatabaseUrl url, Map<String, String> placeholders) {
    FluentConfiguration configuration =
        Flyway.configure(loader)
            .dataSource(
                url.jdbc(
                    Map.of(
                        "ApplicationName", "mcpist-migrations",
                        "connectTimeout", Integer.toString(CONNECT_SECONDS),
                        "socketTimeout", Integer.toString(ANSWER_SECONDS))),
                url.user(),
                url.password())
            .locations("classpath:" + folder)
            .callbackLocations("classpath:" + FOLDER)
            .table(applied())
            .placeholders(placeholders)
            .loggers("slf4j")
            .connectRetries(0)
            // The one who waits here waits whole seconds; the keeper asks again sooner.
            .lockRetryCount(0)
            // A database may have other tables, as Supabase's has.
            .baselineOnMigrate(true)
            .baselineVersion("0")
            .cleanDisabled(true);
    PostgreSQLConfigurationExtension postgres =
        configuration.getConfigurationExtension(PostgreSQLConfigurationExtension.class);
    // A lock of a session would stay behind in a pooler.
    postgres.setTransactionalLock(true);
    return configuration.load();
  }

  /**
   * How far a database's schema is: the newest version that it has had, 0 before the first; the
   * oldest that a release must know to work with it; the checksums of the migrations that it has
   * had, by file name; and what the files' placeholders stand for in it.
   */
  record State(
      int version,
      int oldestUsable,
      Map<String, Integer> checksums,
      Map<String, String> placeholders) {
    static State read(Connection connection, String owner, String applied) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        Map<String, String> placeholders;
        try (ResultSet row =
            statement.executeQuery(
                """
                select quote_ident(current_schema()) as schema,
                  -- Supabase's roles for the world have rights of their own on what is made in the schema.
                  concat_ws(', ', 'public', (select string_agg(rolname, ', ' order by rolname)
                    from pg_roles where rolname in ('anon', 'authenticated'))) as everyone,
                  -- The last thing that a first migration does: afterMigrate.sql.
                  not exists (select from pg_policy
                    where polrelid = to_regclass('%s')) as empty\
                """
                    .formatted(applied))) {
          row.next();
          placeholders =
              Map.of(
                  "schema", row.getString("schema"),
                  "everyone", row.getString("everyone"),
                  "module", owner);
          if (row.getBoolean("empty")) {
            return new State(0, 0, Map.of(), placeholders);
          }
        }
        Map<String, Integer> checksums = new HashMap<>();
        int version = 0;
        int oldestUsable = 0;
        try (ResultSet row =
            statement.executeQuery(
                """
                select script, checksum, newest, oldest
                from %s,
                  (select max(version) as newest, max(oldest_usable) as oldest
                    from schema_compatibility where module = '%s') as compatibility
                where success and checksum is not null order by installed_rank\
                """
                    .formatted(applied, owner))) {
          while (row.next()) {
            checksums.put(row.getString("script"), row.getInt("checksum"));
            version = row.getInt("newest");
            oldestUsable = row.getInt("oldest");
          }
        }
        return new State(version, oldestUsable, checksums, placeholders);
      }
    }
  }
}
