package com.mcpist.origin.mount;

import com.mcpist.module.Claim;
import com.mcpist.origin.mcp.Budget.Charge;
import com.mcpist.origin.mcp.Json;
import com.mcpist.origin.mount.client.Hello;
import com.mcpist.origin.mount.client.ListLimits;
import com.mcpist.origin.mount.client.Listener;
import com.mcpist.origin.mount.client.MountException;
import com.mcpist.origin.mount.client.MountException.Kind;
import com.mcpist.origin.mount.client.MountedServer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a mounted server lists, as it says it, and within bounds. */
final class Lists {
  static final String TOOLS = "tools";
  static final String PROMPTS = "prompts";
  static final String RESOURCES = "resources";
  static final String TEMPLATES = "resourceTemplates";

  private static final int METHOD_NOT_FOUND = -32601;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /**
   * The listener of the requests for lists. Nobody is told anything or can be asked. The reader
   * holds the charge of one page, and counts the bytes of the entries of all pages.
   */
  private static final class Reader implements Listener, AutoCloseable {
    private @Nullable Charge page;
    private int bytes;

    /** Counts an entry before it is kept. Throws MountException if there are too many bytes. */
    void count(JsonNode entry) throws MountException {
      bytes += Json.bytes(entry).length;
      if (bytes > ListLimits.MOST_BYTES) {
        throw tooLarge();
      }
    }

    @Override
    public void holds(Charge charge) {
      close();
      page = charge;
    }

    @Override
    public void progress(ObjectNode params) {}

    @Override
    public void log(ObjectNode params) {}

    @Override
    public ObjectNode ask(String method, ObjectNode params) throws MountException {
      throw MountException.answered(METHOD_NOT_FOUND, "There is nobody to ask");
    }

    @Override
    public Claim claim() {
      return Claim.NOT_NEEDED;
    }

    @Override
    public boolean cancelled() {
      return false;
    }

    @Override
    public void close() {
      if (page != null) {
        page.close();
        page = null;
      }
    }
  }

  private Lists() {}

  /**
   * Reads all lists. A user's copy may list resources that are its user's alone: those are not
   * read.
   */
  static ObjectNode read(MountedServer server, Hello hello, boolean ofUser)
      throws MountException, InterruptedException {
    ObjectNode seen = Json.object().put("revision", hello.revision());
    seen.put("instructions", hello.instructions());
    seen.set("server", hello.serverInfo());
    seen.set("capabilities", hello.capabilities());
    try (Reader reader = new Reader()) {
      read(server, reader, hello, TOOLS, "tools/list", TOOLS, seen);
      read(server, reader, hello, PROMPTS, "prompts/list", PROMPTS, seen);
      if (!ofUser) {
        read(server, reader, hello, RESOURCES, "resources/list", RESOURCES, seen);
      }
      read(server, reader, hello, RESOURCES, "resources/templates/list", TEMPLATES, seen);
    }
    if (Json.bytes(seen).length > ListLimits.MOST_BYTES) {
      throw tooLarge();
    }
    return seen;
  }

  private static MountException tooLarge() {
    return MountException.notSent("its lists take more than 1 MiB");
  }

  private static void read(
      MountedServer server,
      Reader reader,
      Hello hello,
      String capability,
      String method,
      String list,
      ObjectNode seen)
      throws MountException, InterruptedException {
    ArrayNode entries = seen.putArray(list);
    if (!hello.capabilities().has(capability)) {
      return;
    }
    ObjectNode params = Json.object();
    try {
      for (int i = 0; i < ListLimits.MOST_PAGES; i++) {
        ObjectNode page = server.request(method, params.deepCopy(), reader, LIMIT);
        for (JsonNode entry : page.path(list)) {
          if (entries.size() == ListLimits.MOST_ENTRIES) {
            throw MountException.notSent(
                "it has more than " + ListLimits.MOST_ENTRIES + " " + list);
          }
          reader.count(entry);
          entries.add(entry);
        }
        JsonNode cursor = page.get("nextCursor");
        if (cursor == null || !cursor.isString()) {
          return;
        }
        params.set("cursor", cursor);
      }
    } catch (MountException e) {
      if (e.kind() != Kind.ANSWERED || e.code() != METHOD_NOT_FOUND) {
        throw e;
      }
    }
  }
}
