package com.mcpist.origin.mount;

import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mcp.Json;
import com.mcpist.origin.memory.MemoryModule;
import com.mcpist.origin.mount.client.Containment;
import com.mcpist.origin.mount.client.Hello;
import com.mcpist.origin.mount.client.MountConfig;
import com.mcpist.origin.mount.client.MountConfig.Entry;
import com.mcpist.origin.mount.client.MountException;
import com.mcpist.telemetry.PrivateProcess;
import java.io.PrintStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tries a mounted server without an origin: {@code MountCheck NAME}, with MOUNTS and what it refers
 * to in the environment. Prints one JSON object; the exit code is 0 when it serves, else 1.
 */
public final class MountCheck {
  private static final Duration START = Duration.ofMinutes(2);

  private MountCheck() {}

  public static void main(String[] arguments) throws InterruptedException {
    PrivateProcess.begin();
    PrintStream out = System.out;
    System.setOut(System.err); // The log's.
    ObjectNode told = check(arguments.length == 1 ? arguments[0] : "", System.getenv());
    out.println(told);
    out.flush();
    System.exit(told.path("ok").asBoolean() ? 0 : 1);
  }

  static ObjectNode check(String name, Map<String, String> environment)
      throws InterruptedException {
    long began = System.nanoTime();
    try {
      Entry entry = entry(name, environment.getOrDefault("MOUNTS", ""));
      Offer offer = offer(entry, environment);
      ObjectNode told = Json.object().put("ok", true);
      told.set("server", offer.server());
      told.put("revision", offer.revision());
      var tools = told.putArray("tools");
      for (ObjectNode tool : offer.told()) {
        tools.add(tool.remove(List.of("state")));
      }
      told.put("notice", isProgram(entry) ? Containment.own().problem() : "");
      return told.put("prompts", offer.prompts().size())
          .put("resources", offer.resources().size())
          .put("millis", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    } catch (MountException e) {
      return Json.object().put("ok", false).put("problem", e.summary());
    }
  }

  private static Entry entry(String name, String file) throws MountException {
    try {
      return MountConfig.parse(file).entries().stream()
          .filter(e -> e.name().equals(name))
          .findFirst()
          .orElseThrow(() -> MountException.notSent("MOUNTS has no server of this name"));
    } catch (IllegalArgumentException e) {
      throw MountException.notSent("MOUNTS " + e.getMessage());
    }
  }

  private static boolean isProgram(Entry entry) {
    return entry.server() instanceof MountConfig.Stdio;
  }

  private static Offer offer(Entry entry, Map<String, String> environment)
      throws MountException, InterruptedException {
    try (Copies copies = new Copies(entry, environment, Budget.ofHeap(0), list -> {});
        Copies.Copy copy = copies.take(copies.someone())) {
      Hello hello = copy.server().hello(START);
      ObjectNode seen = Lists.read(copy.server(), hello, entry.perUser());
      Set<String> taken = Mounts.names(List.of(new MemoryModule(InstantSource.system())));
      return Offer.of(entry, seen, Json.object(), taken);
    }
  }
}
