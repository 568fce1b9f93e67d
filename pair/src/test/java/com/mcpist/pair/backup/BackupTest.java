package com.mcpist.pair.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import module java.base;

import com.mcpist.pair.backup.Backup.Done;
import com.mcpist.pair.backup.Backup.Observer;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.DatabaseUrl;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.OriginsDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {
  private static final List<String> TABLES =
      List.of(
          "memory",
          "memory_history",
          "tool_call",
          "undelivered",
          "api_key",
          "plan",
          "account",
          "mount",
          "release",
          "counter",
          "counter_part");

  /** As a module has them: one that refers to the other, by a number of its own. */
  private static final String MODULE =
      """
      create table counter_part (n bigint generated always as identity primary key, user_id text);
      create table counter (id serial primary key, user_id text, part bigint references counter_part);
      create table flyway_schema_history_counter (script text);
      grant select on flyway_schema_history_counter to mcpist_origin;
      grant select, insert on counter, counter_part to mcpist_origin
      """;

  private final List<String> steps = new ArrayList<>();
  private final Observer observer =
      new Observer() {
        @Override
        public void step(String text) {
          steps.add(text);
        }

        @Override
        public void detail(String text) {
          steps.add(text);
        }
      };
  private OriginsDatabase from;
  private OriginsDatabase into;
  private Path file;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  BackupTest() {}

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    file = folder.resolve("backup.zip");
    from = OriginsDatabase.create();
    into = OriginsDatabase.create();
    for (OriginsDatabase each : List.of(from, into)) {
      each.execute(MODULE);
      each.execute("create table theirs (n integer); insert into theirs values (1)");
      each.execute("insert into request_state_key (key) values (sha256(random()::text::bytea))");
    }
    from.save("ann", 1, 3000);
    from.execute(
        """
        update plan set calls_per_minute = 7;
        insert into plan values ('team', 9, 9, 9);
        insert into account values ('ann', 'team');
        insert into mount (name, version) values ('github', 3);
        insert into api_key values (gen_random_uuid(), sha256('k'), 'laptop', 'ann', now());
        insert into deployment_lock values (true, gen_random_uuid(), 'bob', '', now(), now());
        insert into undelivered values ('ann', 't', 'h', 'c', 0, '{a,b}', null, now());
        insert into release values (gen_random_uuid(), 'deploy', 'i', 'd', 'r', 's', 'w', 'x', '',
          '[{"name": "one"}]', now());
        insert into counter_part (user_id) select 'ann' from generate_series(1, 5);
        delete from counter_part where n = 5;
        insert into counter (user_id, part) values ('ann', 4)
        """);
  }

  @AfterEach
  void stop() throws Exception {
    from.close();
    into.close();
  }

  private static DatabaseUrl url(OriginsDatabase database) {
    return new DatabaseUrl(database.url());
  }

  private Done backup() throws PairException {
    return Backup.write(url(from), file, observer);
  }

  private Done restore() throws PairException {
    return restore(file, observer);
  }

  private Done restore(Path path, Observer told) throws PairException {
    try (Restore backup = Restore.open(path, told)) {
      return backup.into(url(into), told);
    }
  }

  @Test
  void whatIsTakenOutIsPutBackAndGoesOn() throws Exception {
    String key = into.value("select key from request_state_key");

    Done taken = backup();
    Done put = restore();

    assertThat(put).isEqualTo(taken);
    assertThat(taken.rows()).isGreaterThan(6000);
    for (String table : TABLES) {
      assertThat(into.digest(table)).as(table).isEqualTo(from.digest(table));
    }
    assertThat(into.digest("theirs")).isEqualTo("1 " + from.value("select md5('(1)')"));
    assertThat(into.value("select count(*) from deployment_lock")).isEqualTo("0");
    assertThat(into.value("select key from request_state_key")).isEqualTo(key);
    for (String table : List.of("memory", "tool_call")) {
      assertThat(into.value("select sum(bytes) from stored where counted = '" + table + "'"))
          .as("counted")
          .isEqualTo(into.value("select sum(bytes) from " + table));
    }
    assertThat(into.value("insert into counter_part (user_id) values ('bob') returning n"))
        .as("not a number that was used before")
        .isEqualTo("6");
    assertThat(into.value("insert into counter (user_id) values ('bob') returning id"))
        .isEqualTo("2");
    assertThat(steps).contains("Backing up memory", "Restoring memory");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(file.resolveSibling("")).isDirectoryNotContaining("glob:**.partial");
  }

  @Test
  void aSecondTimeChangesNothing() throws Exception {
    backup();
    restore();
    into.execute("delete from memory where title = 'Title 1'");

    restore();

    assertThat(into.value("select count(*) from memory")).isEqualTo("2999");
    assertThat(steps).contains("It is restored already");
    backup(); // Another snapshot, in place of the first.
    refused("has data already", this::restore);
  }

  /** All that was acknowledged before, and no half of what is saved meanwhile. */
  @Test
  void itIsOfOneMomentWhileClientsSave() throws Exception {
    AtomicInteger saved = new AtomicInteger(3000);
    AtomicBoolean over = new AtomicBoolean();
    Thread client =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!over.get()) {
                    try {
                      from.save("ann", saved.get() + 1, saved.get() + 1);
                      saved.incrementAndGet();
                    } catch (Exception e) {
                      throw new IllegalStateException(e);
                    }
                  }
                });
    int before = saved.get();
    Conditions.await("it saves", () -> saved.get() > before + 20);
    int acknowledged = saved.get();

    backup();

    int after = saved.get() + 1;
    over.set(true);
    client.join();
    restore();
    int memories = Integer.parseInt(into.value("select count(*) from memory"));
    assertThat(memories).isBetween(acknowledged, after);
    assertThat(into.value("select count(*) from tool_call")).isEqualTo("" + memories);
  }

  /** Origins that serve there go on, and what they save meanwhile stays. */
  @Test
  void whoSavesWhileItIsRestoredWaitsForNothing() throws Exception {
    backup();
    AtomicBoolean saved = new AtomicBoolean();
    restore(
        file,
        new Observer() {
          @Override
          public void step(String text) {
            if (text.equals("Committing")) {
              try {
                into.save("bob", 1, 1);
                saved.set(true);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            }
          }

          @Override
          public void detail(String text) {}
        });

    assertThat(saved).isTrue();
    assertThat(into.value("select count(*) from memory")).isEqualTo("3001");
  }

  @Test
  void whatIsNotWholeIsNotBegun() throws Exception {
    backup();
    byte[] whole = Files.readAllBytes(file);
    for (int cut : new int[] {0, 100, whole.length / 2, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, cut));
      refused("is no whole backup", this::restore);
    }
    byte[] changed = whole.clone();
    changed[whole.length / 2] ^= 1;
    Files.write(file, changed);
    refused("is damaged", this::restore);
    refused("there is no file", () -> restore(Path.of("nowhere"), observer));
    rewrite(whole, "\"format\":1", "\"format\":2");
    refused("has the format 2, and this release of MCPist reads 1", this::restore);
    rewrite(whole, "\"schema\":", "\"schema\":9");
    refused("schema version", this::restore);
    rewrite(whole, "\"title\"", "\"headline\"");
    refused("columns of memory", this::restore);
    rewrite(whole, "\"format\":1", "\"shape\":1");
    refused("is no backup of MCPist", this::restore);

    assertThat(into.value("select count(*) from memory")).isEqualTo("0");
    assertThat(into.value("select calls_per_minute from plan")).isEqualTo("300");
  }

  /** The same archive, with something else in the manifest. */
  private void rewrite(byte[] whole, String old, String changed) throws IOException {
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(whole));
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        byte[] bytes = in.readAllBytes();
        out.putNextEntry(new ZipEntry(entry.getName()));
        if (entry.getName().equals(BackupFile.MANIFEST)) {
          String manifest = new String(bytes, StandardCharsets.UTF_8);
          assertThat(manifest).contains(old);
          bytes = manifest.replace(old, changed).getBytes(StandardCharsets.UTF_8);
        }
        out.write(bytes);
      }
    }
  }

  @Test
  void whatIsInTheWayIsSaid() throws Exception {
    into.save("bob", 1, 1);
    backup();
    refused("has data already, in memory: restore into an empty one", this::restore);
    DatabaseUrl origins = new DatabaseUrl(from.database().originUrl());
    from.execute("do $$ begin create role mcpist login; exception when others then null; end $$");
    from.execute("grant mcpist_origin to mcpist");
    refused(
        "It takes the owner of the tables: set MIGRATION_DATABASE_URL",
        () -> Backup.write(origins, file, observer));
    refused(
        "there is no such folder",
        () -> Backup.write(url(from), Path.of("/nowhere/backup.zip"), observer));
    from.execute("drop table flyway_schema_history");
    refused("no tables of MCPist", this::backup);
    assertThat(file).as("the one before is still there").isNotEmptyFile();
  }

  private interface Work {
    Object run() throws PairException;
  }

  private static void refused(String why, Work work) {
    assertThatExceptionOfType(PairException.class).isThrownBy(work::run).withMessageContaining(why);
  }
}
