package com.mcpist.e2e.terraform;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What Terraform files would make, by e2e/terraform: HashiCorp's own parser and formatter, and the
 * provider's schema.
 *
 * @param problems what is wrong with the files
 * @param resources each with type, name, key, values and lifecycle
 */
record TerraformPlan(List<String> problems, List<JsonNode> resources, JsonNode terraform) {
  private static final Path CHECK = Root.PATH.resolve("e2e/terraform/check.mjs");

  /** Of several folders, in one process: its start takes longer than a folder. */
  static List<TerraformPlan> of(Path home, List<Path> folders) throws IOException {
    ProcessBuilder node = Root.process(home, "node", CHECK.toString());
    folders.forEach(folder -> node.command().add(folder.toString()));
    Command.Result result = Command.run(node);
    if (result.code() != 0) {
      throw new AssertionError(result.all());
    }
    List<TerraformPlan> plans = new ArrayList<>();
    for (JsonNode plan : JsonMapper.shared().readTree(result.out())) {
      plans.add(
          new TerraformPlan(
              plan.path("problems").valueStream().map(JsonNode::asString).toList(),
              StreamSupport.stream(plan.path("resources").spliterator(), false).toList(),
              plan.path("terraform")));
    }
    return plans;
  }

  /** The resources of a type. */
  List<JsonNode> all(String type) {
    return resources.stream().filter(one -> one.path("type").asString().equals(type)).toList();
  }

  /** What the only resource of a type is set to; missing where there is not just one. */
  JsonNode only(String type) {
    List<JsonNode> found = all(type);
    return found.size() == 1 ? found.getFirst().path("values") : JsonMapper.shared().missingNode();
  }
}
