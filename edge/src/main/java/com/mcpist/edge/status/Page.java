package com.mcpist.edge.status;

import java.util.Map;

/**
 * An answer for a browser. {@code headers} come besides the headers that all of the edge's answers
 * have.
 */
public record Page(int status, Map<String, String> headers, String body) {
  static final String HTML = "text/html; charset=utf-8";

  /** Sends the browser to another page of this edge, with GET. */
  static Page seeOther(Map<String, String> headers) {
    return new Page(303, headers, "");
  }
}
