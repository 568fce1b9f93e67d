package com.mcpist.origin.mcp;

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

record JsonSchema(Schema schema) {
  private static final int MOST_PROBLEMS = 5;
  private static final int LONGEST_PROBLEM = 500;

  /** Of a larger value the first problem is told alone: there may be one for each of its parts. */
  private static final int LARGE = 64 * 1024;

  /**
   * Compiles a schema, of the 2020-12 dialect where it names none. Throws IllegalArgumentException
   * when it is not a schema.
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
    return text -> pattern.matcher(new BoundedText(text)).find();
  }

  /** What is wrong with a value, each problem with its place: empty when the value is valid. */
  String problems(JsonNode value) {
    List<Error> errors;
    try {
      boolean large = Budget.size(value) > LARGE;
      errors = schema.validate(value, context -> context.setFailFast(large));
    } catch (RuntimeException | StackOverflowError e) {
      // The validator's arithmetic fails on numbers beyond a double's range, a pattern on some
      // texts.
      return "a value is out of the range that can be checked";
    }
    return errors.stream()
        .limit(MOST_PROBLEMS)
        .map(JsonSchema::described)
        .map(problem -> problem.substring(0, Math.min(problem.length(), LONGEST_PROBLEM)))
        .collect(Collectors.joining("; "));
  }

  private static String described(Error error) {
    String where = error.getInstanceLocation().toString();
    return where.isEmpty() ? error.getMessage() : where + ": " + error.getMessage();
  }

  /**
   * A text that may be looked at only so often. Some expressions take more time than there is for
   * some dozen characters; a module's may be one, and the text is a client's.
   */
  static final class BoundedText implements CharSequence {
    /** Some milliseconds; a sound expression looks at each character a few times. */
    private static final int LOOKS = 1_000_000;

    private static final int LOOKS_PER_CHARACTER = 16;

    private final String text;
    private long looks;

    BoundedText(String text) {
      this.text = text;
      this.looks = LOOKS + (long) LOOKS_PER_CHARACTER * text.length();
    }

    static final class ExhaustedException extends RuntimeException {
      private static final long serialVersionUID = 1L;

      ExhaustedException() {
        super("a pattern looks at a text too often", null, false, false);
      }
    }

    @Override
    public char charAt(int index) {
      if (--looks < 0) {
        throw new ExhaustedException();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.substring(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
