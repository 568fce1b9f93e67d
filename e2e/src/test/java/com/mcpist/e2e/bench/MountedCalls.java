package com.mcpist.e2e.bench;

import com.mcpist.drill.tool.CountingMounts;
import com.mcpist.drill.tool.CountingMounts.Transport;
import com.mcpist.drill.tool.EffectFile;
import com.mcpist.drill.tool.Tally;
import com.mcpist.drill.tool.Told;
import com.mcpist.drill.tool.Told.Word;
import com.mcpist.drill.tool.Tool;
import com.mcpist.e2e.harness.McpConnection;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.sql.DataSource;

/**
 * Calls of a tool of the drill's counting server, which the origins mount. A client calls it over
 * each transport in turn.
 */
final class MountedCalls implements CountedCalls {

  private static final List<Transport> TRANSPORTS = List.of(Transport.values());

  private final String name;
  private final Tool tool;
  private final CountingMounts mounts;
  private final Map<Transport, Queue<Told>> told = new ConcurrentHashMap<>();

  /** The name tells its texts from those of others. */
  MountedCalls(String name, Tool tool, CountingMounts mounts) {
    this.name = name;
    this.tool = tool;
    this.mounts = mounts;
    TRANSPORTS.forEach(transport -> told.put(transport, new ConcurrentLinkedQueue<>()));
  }

  @Override
  public String call(McpConnection connection, int client, int number) throws IOException {
    Transport transport = TRANSPORTS.get(number % TRANSPORTS.size());
    String text = name + " " + transport.label() + " " + client + " " + number;
    McpConnection.Reply reply;
    try {
      reply = connection.call(transport.nameOf(tool), Map.of("text", text));
    } catch (IOException | RuntimeException | AssertionError e) {
      add(transport, text, Word.NOTHING);
      throw e;
    }
    boolean done =
        !reply.result().path("isError").asBoolean(false)
            && reply
                .result()
                .at("/content/0/text")
                .asString("")
                .equals(mounts.settings().answerTo(text));
    Word word = done ? Word.DONE : Word.ofError(reply.body());
    add(transport, text, word);
    if (!done && !(word == Word.UNKNOWN && tool.mayBeUnknown())) {
      throw new AssertionError("a failed call: " + reply.http());
    }
    return reply.servedBy();
  }

  private void add(Transport transport, String text, Word word) throws IOException {
    EffectFile effects = mounts.effects(transport);
    told.getOrDefault(transport, new ConcurrentLinkedQueue<>())
        .add(new Told(text, word, effects.size()));
  }

  @Override
  public int done() {
    return count(Word.DONE);
  }

  @Override
  public int unknown() {
    return tool.mayBeUnknown() ? count(Word.UNKNOWN) : 0;
  }

  private int count(Word word) {
    return Math.toIntExact(
        told.values().stream().flatMap(Queue::stream).filter(t -> t.word() == word).count());
  }

  @Override
  public Tally tally(DataSource database) throws IOException {
    Tally sum = new Tally(0, 0, 0);
    for (Map.Entry<Transport, Queue<Told>> calls : told.entrySet()) {
      EffectFile effects = mounts.effects(calls.getKey());
      sum = sum.plus(Tally.of(tool, calls.getValue(), effects.read()));
    }
    return sum;
  }
}
