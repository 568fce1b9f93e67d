package com.mcpist.origin.mcp.methods;

import com.mcpist.origin.mcp.wire.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/**
 * A URI template of level 1 (RFC 6570), read backwards: from a URI to the values of its variables.
 */
final class UriTemplate {
  private static final Pattern VARIABLE = Pattern.compile("\\{([A-Za-z0-9_]+)}");

  private final List<String> names = new ArrayList<>();
  private final Pattern pattern;

  /** Compiles the template. */
  UriTemplate(String template) {
    StringBuilder regex = new StringBuilder();
    Matcher variables = VARIABLE.matcher(template);
    int from = 0;
    while (variables.find()) {
      regex.append(Pattern.quote(template.substring(from, variables.start())));
      regex.append("([^/]+)");
      names.add(variables.group(1));
      from = variables.end();
    }
    regex.append(Pattern.quote(template.substring(from)));
    this.pattern = Pattern.compile(regex.toString());
  }

  /** The variables' values, as they stand in the URI, where it is one of this template. */
  Optional<ObjectNode> match(String uri) {
    Matcher matcher = pattern.matcher(BoundedText.of(uri));
    if (!matches(matcher)) {
      return Optional.empty();
    }
    ObjectNode values = Json.object();
    for (int i = 0; i < names.size(); i++) {
      values.put(names.get(i), matcher.group(i + 1));
    }
    return Optional.of(values);
  }

  private static boolean matches(Matcher matcher) {
    try {
      return matcher.matches();
    } catch (BoundedText.ExhaustedException e) {
      return false; // Several variables in one part of the path can be told apart in many ways.
    }
  }
}
