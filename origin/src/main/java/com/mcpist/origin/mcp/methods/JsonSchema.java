package com.mcpist.origin.mcp.methods;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressions;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** A compiled JSON Schema. */
final class JsonSchema {
  private static final int MOST_PROBLEMS = 5;

  private final Schema schema;

  private JsonSchema(Schema schema) {
    this.schema = schema;
  }

  /**
   * Compiles a schema, of the 2020-12 dialect where it names none.
   *
   * @throws IllegalArgumentException when it is not a schema
   */
  static JsonSchema compile(JsonNode schema) {
    var config =
        SchemaRegistryConfig.builder()
            .locale(Locale.ENGLISH)
            .regularExpressionFactory(JsonSchema::expression)
            .build();
    var registry =
        SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12, r -> r.schemaRegistryConfig(config));
    try {
      Schema compiled = registry.getSchema(schema);
      compiled.initializeValidators();
      return new JsonSchema(compiled);
    } catch (SchemaException e) {
      throw new IllegalArgumentException("Not a JSON Schema", e);
    }
  }

  /** A pattern as the library reads it, that gives up on a text that takes too long. */
  private static RegularExpression expression(String regex) {
    Pattern pattern =
        Pattern.compile(
            RegularExpressions.replaceLongformCharacterProperties(
                RegularExpressions.replaceDollarAnchors(regex)));
    return text -> pattern.matcher(BoundedText.of(text)).find();
  }

  /** What is wrong with a value, each problem with its place: empty when the value is valid. */
  String problems(JsonNode value) {
    List<Error> errors;
    try {
      errors = schema.validate(value);
    } catch (RuntimeException | StackOverflowError e) {
      // The validator's arithmetic fails on numbers beyond a double's range, a pattern on some
      // texts.
      return "a value is out of the range that can be checked";
    }
    return errors.isEmpty()
        ? ""
        : errors.stream()
            .limit(MOST_PROBLEMS)
            .map(JsonSchema::described)
            .collect(Collectors.joining("; "));
  }

  private static String described(Error error) {
    String where = error.getInstanceLocation().toString();
    return where.isEmpty() ? error.getMessage() : where + ": " + error.getMessage();
  }
}
