package com.mcpist.testkit.vendor;

import com.mcpist.testkit.HttpMessage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A multipart form as an object: a part of JSON as what it says, any other as its text. */
final class Forms {
  private static final Pattern BOUNDARY =
      Pattern.compile("multipart/form-data; *boundary=\"?([^\"]+)\"?");
  private static final Pattern NAME = Pattern.compile("; name=\"([^\"]+)\"");

  private Forms() {}

  static boolean isForm(HttpMessage message) {
    return message.header("Content-Type").filter(BOUNDARY.asMatchPredicate()).isPresent();
  }

  static ObjectNode read(HttpMessage message) {
    Matcher boundary = BOUNDARY.matcher(message.header("Content-Type").orElse(""));
    if (!boundary.matches()) {
      throw new IllegalArgumentException("no form");
    }
    ObjectNode form = Reply.object();
    for (String part : message.text().split("--" + Pattern.quote(boundary.group(1)), -1)) {
      String[] halves = part.split("\r\n\r\n", 2);
      Matcher name = NAME.matcher(halves[0]);
      if (halves.length == 2 && name.find()) {
        String text = halves[1].substring(0, halves[1].length() - 2);
        boolean json = halves[0].contains("Content-Type: application/json");
        form.set(name.group(1), json ? JsonMapper.shared().readTree(text) : form.stringNode(text));
      }
    }
    return form;
  }
}
