package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.mcpist.testkit.ClientsServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A user's memories, out and in, by processes of their own. */
class UserMemoriesTest {
  private static final String SECRET = "the-gateway-secret-that-nobody-may-see";
  private static final String TOKEN = "the-admin-token-that-nobody-may-see!!";

  private final ClientsServer origin = new ClientsServer(SECRET, TOKEN);
  private Mcpist mcpist;

  // JUnit sets up before anything else.
  @SuppressWarnings("NullAway.Init")
  UserMemoriesTest() {}

  @BeforeEach
  void deployment(@TempDir Path folder) throws Exception {
    mcpist = new Mcpist(folder);
    mcpist.environment.put("GATEWAY_SECRET", SECRET);
    mcpist.environment.put("ADMIN_TOKEN", TOKEN);
    Files.writeString(
        folder.resolve("mcpist.yml"),
        """
        service: notes
        domain: notes.example.com
        origins: [{name: one, platform: fly, app: notes, url: "%s"}]
        """
            .formatted(origin.url()));
  }

  @AfterEach
  void close() throws Exception {
    origin.close();
  }

  private Path file(String name, String content) throws Exception {
    Path file = mcpist.folder().resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  private List<String> titles(String user) {
    return origin.memories(user).stream().map(one -> one.path("title").asString()).toList();
  }

  @Test
  void whatIsExportedIsImportedAsItWas() throws Exception {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 130; i++) {
      lines.append(
          """
          {"id": "019b0000-0000-7000-8000-%012d", "title": "Memory %d", "tags": ["a b"],\
           "createdAt": "2026-11-25T00:00:00Z", "updatedAt": "2026-11-25T00:00:01Z",\
           "text": "日本\\n%d"}
          """
              .formatted(i, i, i));
    }
    Path file = file("alice.jsonl", lines.toString());

    Mcpist.Result first = mcpist.run("users", "import", "alice", file.toString());
    Mcpist.Result again = mcpist.run("users", "import", "alice", file.toString());

    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.out()).contains("130 memories added, 0 were there.");
    assertThat(again.out()).contains("0 memories added, 130 were there.");
    Path exported = mcpist.folder().resolve("exported.jsonl");
    Mcpist.Result export = mcpist.run("users", "export", "alice", exported.toString());
    assertThat(export.code()).as(export.err()).isZero();
    assertThat(export.out()).contains("exported.jsonl: 130 memories.");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(exported)))
        .isEqualTo("rw-------");
    List<JsonNode> written =
        Files.readAllLines(exported).stream().map(JsonMapper.shared()::readTree).toList();
    assertThat(written)
        .isEqualTo(lines.toString().lines().map(JsonMapper.shared()::readTree).toList());
    assertThat(mcpist.run("users", "export", "alice").out()).isEqualTo(Files.readString(exported));
    assertThat(mcpist.run("users", "export", "nobody").out()).isEmpty();
  }

  @Test
  void theOfficialServersFileIsOneMemoryAnEntity() throws Exception {
    Path file =
        file(
            "memory.jsonl",
            """
            {"type":"entity","name":"Ann","entityType":"person","observations":["likes tea","is 40"]}
            {"type":"entity","name":"Acme","entityType":"company","observations":[]}
            {"type":"relation","from":"Ann","to":"Acme","relationType":"works at"}
            {"type":"relation","from":"Bob","to":"Ann","relationType":"knows"}
            """);

    Mcpist.Result done = mcpist.run("users", "import", "ann", file.toString());

    assertThat(done.code()).as(done.err()).isZero();
    assertThat(origin.memories("ann"))
        .extracting(
            one -> one.path("title").asString(),
            one -> one.path("tags").toString(),
            one -> one.path("text").asString())
        .containsExactly(
            tuple("Ann", "[\"person\"]", "likes tea\nis 40\nAnn works at Acme"),
            tuple("Acme", "[\"company\"]", "Acme"),
            tuple("Bob", "[]", "Bob knows Ann"));
    assertThat(mcpist.run("users", "import", "ann", file.toString()).out())
        .contains("0 memories added, 3 were there.");
  }

  @Test
  void aFolderOfMarkdownIsOneMemoryAFile() throws Exception {
    file(
        "notes/a.md",
        "---\ntitle: From the front\ntags: [one, '#two', one]\n---\n# Head\ntext a\n");
    file("notes/deep/b.md", "---\ntags: one, two\n---\nbegins\n\n## From the heading ##\ntext b\n");
    file("notes/c d.markdown", "\uFEFFtext c\r\nmore");
    file("notes/d.md", "---\nnot: [yaml\n---\ntext");
    file("notes/empty.md", " \n");
    file("notes/long.md", "# Long\n" + "word word word\n\n".repeat(3000));
    file("notes/.obsidian/x.md", "hidden");
    file("notes/x.txt", "no markdown");
    Path secret = file("secret.md", "# Not a note");
    Files.createSymbolicLink(mcpist.folder().resolve("notes/todo.md"), secret);
    Files.createSymbolicLink(mcpist.folder().resolve("notes/more"), secret.resolveSibling("notes"));

    Path folder = mcpist.folder().resolve("notes");
    Mcpist.Result done = mcpist.run("users", "import", "ann", folder.toString());

    assertThat(done.code()).as(done.err()).isZero();
    assertThat(titles("ann"))
        .containsExactly(
            "From the front",
            "c d",
            "d",
            "From the heading",
            "Long (1/3)",
            "Long (2/3)",
            "Long (3/3)");
    List<String> texts =
        origin.memories("ann").stream().map(one -> one.path("text").asString()).toList();
    assertThat(texts.subList(0, 4))
        .containsExactly(
            "# Head\ntext a",
            "text c\nmore",
            "---\nnot: [yaml\n---\ntext",
            "begins\n\n## From the heading ##\ntext b");
    assertThat(texts.subList(4, 7)).allSatisfy(t -> assertThat(t).hasSizeLessThan(20_001));
    assertThat(String.join("", texts.subList(4, 7)).replaceAll("\\s", ""))
        .isEqualTo("#Long" + "wordwordword".repeat(3000));
    assertThat(origin.memories("ann").getFirst().path("tags").toString())
        .isEqualTo("[\"one\",\"two\"]");
    assertThat(mcpist.run("users", "import", "ann", folder.toString()).out())
        .contains("0 memories added, 7 were there.");
    assertThat(mcpist.run("users", "import", "bob", folder.resolve("a.md").toString()).code())
        .isZero();
    assertThat(titles("bob")).containsExactly("From the front");
  }

  /** Somebody else's folder may hold anything: what is no front matter is text. */
  @Test
  void aHostileNoteIsAMemoryLikeAnyOther() throws Exception {
    file("notes/a.md", "---\ntags: " + "[".repeat(100_000) + "\n---\ndeep");
    file("notes/b.md", "---\ntags: &a [&b [*a, *b]]\n---\nrecursive");
    file("notes/c.md", "# " + " #".repeat(100_000) + "x\nlong");

    Path folder = mcpist.folder().resolve("notes");
    Mcpist.Result done = mcpist.run("users", "import", "bob", folder.toString());

    assertThat(done.code()).as(done.err()).isZero();
    assertThat(titles("bob")).contains("a (1/6)", "b").anyMatch(title -> title.startsWith("# #"));
  }

  @Test
  void whatIsInTheWayIsSaidWithItsPlace() throws Exception {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 120; i++) {
      lines.append("{\"title\": \"%d\", \"text\": \"t\"}\n".formatted(i));
    }
    Path file = file("many.jsonl", lines.toString());
    origin.limit(70);

    Mcpist.Result full = mcpist.run("users", "import", "ann", file.toString());

    assertThat(full.code()).isEqualTo(1);
    assertThat(full.err())
        .hasLineCount(1)
        .contains(
            "the plan of ann allows no more to be stored",
            "`mcpist users set ann --plan PLAN`",
            "Before that: 50 memories added, 0 were there. The same command goes on.");
    origin.limit(1000);
    assertThat(mcpist.run("users", "import", "ann", file.toString()).out())
        .contains("70 memories added, 50 were there.");

    refused(
        1,
        "bad.jsonl line 3: text must not be blank",
        "{\"title\": \"a\", \"text\": \"a\"}\n\n{\"title\": \"b\", \"text\": \" \"}");
    refused(1, "bad.jsonl line 2 is no JSON object", "{\"title\": \"a\", \"text\": \"a\"}\nno");
    refused(1, "bad.jsonl line 2 has no title", "{\"title\": \"a\", \"text\": \"a\"}\n{}");
    refused(1, "line 1 has no name", "{\"type\": \"entity\"}");
    refused(2, "must be JSON Lines of `mcpist users export`", "title,text\na,b\n");
  }

  private void refused(int code, String why, String content) throws Exception {
    Path file = file("bad.jsonl", content);
    Mcpist.Result refused = mcpist.run("users", "import", "bob", file.toString());
    assertThat(refused.code()).isEqualTo(code);
    assertThat(refused.err()).hasLineCount(1).contains(why);
  }
}
