package com.mcpist.testkit.vendor;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.mcpist.testkit.vendor.OpenApi.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Our contracts with vendors say nothing that the vendors' published descriptions do not. */
@Needs(Need.SCHEMAS)
class ContractTest {

  @ParameterizedTest
  @ValueSource(strings = {"koyeb", "fly", "github", "cloudflare"})
  void agreesWithWhatIsPublished(String vendor) {
    VendorSpec spec = VendorSpec.of(vendor);
    List<String> problems = new ArrayList<>();
    for (Operation ours : spec.contract().operations()) {
      if (!ours.isUnpublished()) {
        new Comparison(spec.contract(), spec.published().orElseThrow(), ours, problems).run();
      }
    }
    assertThat(problems).isEmpty();
  }

  /** What is called unpublished is not compared. */
  @ParameterizedTest
  @ValueSource(strings = {"koyeb", "fly", "github", "cloudflare"})
  void whatIsCalledUnpublishedIsSo(String vendor) {
    VendorSpec spec = VendorSpec.of(vendor);
    assertThat(spec.contract().operations())
        .filteredOn(Operation::isUnpublished)
        // Published as it was before there were modules.
        .filteredOn(ours -> !ours.name().matches("PUT .*/workers/scripts/\\{script}"))
        .allSatisfy(ours -> assertThat(theirs(spec.published().orElseThrow(), ours)).isEmpty());
  }

  private static Optional<Operation> theirs(OpenApi published, Operation ours) {
    String[] words = ours.name().split(" ", 2);
    return published.operation(words[0], words[1].replaceAll("[{}]", ""));
  }

  private record Comparison(
      OpenApi contract, OpenApi published, Operation ours, List<String> problems) {

    void run() {
      Optional<Operation> theirs = theirs(published, ours);
      if (theirs.isEmpty()) {
        problems.add(ours.name() + " is not published");
        return;
      }
      query(theirs.get());
      ours.body().ifPresent(body -> schema("request", body, theirs.get().body().orElse(missing())));
      for (String status : ours.json().path("responses").propertyNames()) {
        int number = Integer.parseInt(status);
        JsonNode answer = theirs.get().answer(number).orElse(missing());
        if (!ours.unpublished().contains(status)) {
          ours.answer(number).ifPresent(schema -> schema(status, schema, answer));
        }
      }
    }

    private static JsonNode missing() {
      return Reply.object().path("nothing");
    }

    private void query(Operation theirs) {
      for (JsonNode parameter : ours.json().path("parameters")) {
        String name = parameter.path("name").asString();
        boolean known =
            theirs
                .json()
                .path("parameters")
                .valueStream()
                .map(published::resolved)
                .anyMatch(one -> one.path("name").asString().equals(name));
        if (!known && parameter.path("in").asString().equals("query")) {
          problems.add(ours.name() + " has no published " + name);
        }
      }
    }

    /** All that ours names is there, of the same type. */
    private void schema(String where, JsonNode given, JsonNode known) {
      JsonNode one = contract.resolved(given);
      JsonNode other = published.resolved(known);
      one.path("anyOf").forEach(choice -> schema(where, choice, other));
      if (!type(one).isEmpty() && !type(other).isEmpty() && !type(one).equals(type(other))) {
        problems.add(ours.name() + " " + where + " is published as " + type(other));
      }
      if (other.has("enum")) {
        Set<JsonNode> words = Set.copyOf(other.path("enum").valueStream().toList());
        one.path("enum")
            .valueStream()
            .filter(word -> !words.contains(word))
            .forEach(word -> problems.add(ours.name() + " " + where + " has no published " + word));
      }
      if (one.has("items")) {
        schema(where + "[]", one.path("items"), other.path("items"));
      }
      for (Map.Entry<String, JsonNode> property : one.path("properties").properties()) {
        property(where, property, other);
      }
    }

    private void property(String where, Map.Entry<String, JsonNode> property, JsonNode other) {
      String name = property.getKey();
      if (ours.unpublished().contains(name)) {
        return;
      }
      if (other.path("properties").has(name)) {
        schema(where + "." + name, property.getValue(), other.path("properties").path(name));
      } else if (!isOpen(other)) {
        problems.add(ours.name() + " " + where + " has no published " + name);
      }
    }

    /** Whether it is published without saying what is in it. */
    private static boolean isOpen(JsonNode published) {
      return published.path("additionalProperties").isObject()
          || (published.path("type").asString("").equals("object") && !published.has("properties"));
    }

    private static String type(JsonNode schema) {
      JsonNode type = schema.path("type");
      return type.isString() ? type.asString() : "";
    }
  }
}
