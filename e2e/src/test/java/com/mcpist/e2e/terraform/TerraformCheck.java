package com.mcpist.e2e.terraform;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What e2e/terraform finds in folders of Terraform files, with HashiCorp's own parser and
 * formatter.
 *
 * @param attributes what the schema has, by resource and name
 */
record TerraformCheck(JsonNode attributes, List<Files> files) {
  private static final Path CHECK = Root.PATH.resolve("e2e/terraform/check.mjs");

  /** The attributes that terraform/ uses, in a file of this repository. */
  static final Path ATTRIBUTES = Root.PATH.resolve("e2e/terraform/attributes.json");

  /**
   * One folder's.
   *
   * @param problems what is wrong with them
   * @param resources as they are written, by address: an expression is a text with ${ and }
   */
  record Files(List<String> problems, JsonNode terraform, JsonNode resources) {}

  /** Of several folders, in one process: its start takes longer than a folder. */
  static TerraformCheck of(Path home, Path schema, List<Path> folders) throws IOException {
    ProcessBuilder node = Root.process(home, "node", CHECK.toString(), schema.toString());
    folders.forEach(folder -> node.command().add(folder.toString()));
    Command.Result result = Command.run(node);
    if (result.code() != 0) {
      throw new AssertionError(result.all());
    }
    JsonNode found = JsonMapper.shared().readTree(result.out());
    return new TerraformCheck(
        found.path("attributes"),
        StreamSupport.stream(found.path("checks").spliterator(), false)
            .map(TerraformCheck::files)
            .toList());
  }

  private static Files files(JsonNode json) {
    return new Files(
        json.path("problems").valueStream().map(JsonNode::asString).toList(),
        json.path("terraform").path(0),
        json.path("resources"));
  }
}
