package com.mcpist.origin.mcp.methods;

import com.mcpist.origin.mcp.wire.Json;
import com.mcpist.origin.mcp.wire.RpcException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A list that clients read in pages, in a fixed order. A cursor is the place of the page's first
 * entry, so that any origin can go on where another one stopped.
 */
final class Listing {
  /** Long enough that no server of ordinary size has a second page. */
  static final int PAGE = 250;

  private final List<ObjectNode> pages = new ArrayList<>();

  /**
   * Cuts a list into pages.
   *
   * @param property the result's property that has the entries
   */
  Listing(String property, List<ObjectNode> entries) {
    for (int from = 0; from == 0 || from < entries.size(); from += PAGE) {
      ObjectNode page = Json.object();
      int to = Math.min(from + PAGE, entries.size());
      page.putArray(property).addAll(entries.subList(from, to));
      if (to < entries.size()) {
        page.put("nextCursor", Integer.toString(pages.size() + 1));
      }
      pages.add(page);
    }
  }

  /**
   * The page that a request asks for, a copy.
   *
   * @throws RpcException when the cursor is none of this list's
   */
  ObjectNode page(ObjectNode params) throws RpcException {
    JsonNode cursor = params.get("cursor");
    if (cursor == null) {
      return copy(0);
    }
    for (int i = 1; i < pages.size(); i++) {
      if (cursor.isString() && cursor.asString().equals(Integer.toString(i))) {
        return copy(i);
      }
    }
    throw RpcException.invalidParams("The cursor is none that this server gave");
  }

  /** Shallow: results get properties of their own, entries are shared and never written. */
  private ObjectNode copy(int page) {
    return Json.object().setAll(pages.get(page));
  }
}
