package com.mcpist.e2e.bench;

import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.McpConnection;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Memories of a person's assistant, and questions with the memories that answer them. */
record SearchBenchSet(List<Saved> memories, List<Question> questions) {
  private static final int FIRST = 3;
  private static final String ORIGIN_HEADERS =
      "X-User-Id: local\nX-Gateway-Secret: " + EdgeConfig.SECRET;

  /** How questions are asked, and how many of a hundred must be answered. */
  private static final Map<String, Integer> LEAST =
      Map.of("natural", 90, "keyword", 95, "paraphrase", 60);

  record Saved(String name, String title, String text, List<String> tags) {}

  /**
   * What somebody asks.
   *
   * @param answers names of memories, each of which is an answer
   */
  record Question(String kind, String language, String query, Set<String> answers) {}

  /**
   * What was found.
   *
   * @param found the names of the first memories
   */
  record Answer(Question question, List<String> found) {
    boolean hit() {
      return found.stream().anyMatch(question.answers::contains);
    }
  }

  record Report(List<Answer> answers) {
    boolean good() {
      return LEAST.keySet().stream().allMatch(kind -> percent(of(kind)) >= least(kind));
    }

    @Override
    public String toString() {
      String kinds =
          LEAST.keySet().stream()
              .sorted()
              .map(
                  kind ->
                      "%-10s  en %s, ja %s: %.1f %%, at least %d %%"
                          .formatted(
                              kind,
                              hits(of(kind, "en")),
                              hits(of(kind, "ja")),
                              percent(of(kind)),
                              least(kind)))
              .collect(Collectors.joining("\n"));
      String missed =
          answers.stream()
              .filter(a -> !a.hit())
              .map(
                  a ->
                      "missed: %s, %s: \"%s\" is answered by %s, found %s"
                          .formatted(
                              a.question.kind,
                              a.question.language,
                              a.question.query,
                              a.question.answers,
                              a.found))
              .collect(Collectors.joining("\n"));
      return kinds + "\n" + missed;
    }

    private List<Answer> of(String kind) {
      return answers.stream().filter(a -> a.question.kind.equals(kind)).toList();
    }

    private List<Answer> of(String kind, String language) {
      return of(kind).stream().filter(a -> a.question.language.equals(language)).toList();
    }

    private static String hits(List<Answer> answers) {
      return answers.stream().filter(Answer::hit).count() + " of " + answers.size();
    }

    private static double percent(List<Answer> answers) {
      return 100.0 * answers.stream().filter(Answer::hit).count() / answers.size();
    }

    private static int least(String kind) {
      return Objects.requireNonNull(LEAST.get(kind), kind);
    }
  }

  static SearchBenchSet read() throws IOException {
    try (InputStream in = SearchBenchSet.class.getResourceAsStream("search-set.json")) {
      return JsonMapper.shared().readValue(in, SearchBenchSet.class);
    }
  }

  /** Saves all memories and asks all questions, by calls of an origin. */
  Report ask(int port) throws IOException {
    try (McpConnection origin = McpConnection.open(port)) {
      Map<String, String> names = new HashMap<>();
      for (Saved memory : memories) {
        Map<String, ?> arguments =
            Map.of("title", memory.title, "text", memory.text, "tags", memory.tags);
        JsonNode saved = origin.call("memory_save", arguments, ORIGIN_HEADERS).structured();
        names.put(saved.path("id").asString(), memory.name);
      }
      List<Answer> answers = new ArrayList<>();
      for (Question question : questions) {
        Map<String, ?> arguments = Map.of("query", question.query, "limit", FIRST);
        JsonNode found = origin.call("memory_search", arguments, ORIGIN_HEADERS).structured();
        answers.add(
            new Answer(
                question,
                found
                    .path("memories")
                    .valueStream()
                    .map(m -> names.getOrDefault(m.path("id").asString(), "unknown"))
                    .toList()));
      }
      return new Report(answers);
    }
  }
}
