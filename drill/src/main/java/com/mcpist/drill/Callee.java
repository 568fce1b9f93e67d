package com.mcpist.drill;

import module java.base;

import com.mcpist.drill.tool.CountingMounts;
import com.mcpist.drill.tool.CountingMounts.Transport;
import com.mcpist.drill.tool.EffectFile;
import com.mcpist.drill.tool.Tally;
import com.mcpist.drill.tool.Told;
import com.mcpist.drill.tool.Tool;
import com.mcpist.pair.data.PairException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the clients of a drill call, and where its effects are counted. */
interface Callee {
  Tool tool();

  /** Null: the tool is no mounted server's. */
  @Nullable Transport transport();

  /** The tool's name at the pair. */
  String name();

  /** The text of a call of a run, which is 16 hexadecimal digits; equal: of all calls alike. */
  String text(String run, int client, int number, boolean equal);

  ObjectNode arguments(String text);

  /** Whether a tool's result is whole, and the answer to the call with this text. */
  boolean answers(String text, JsonNode result);

  /** The size in bytes of what is recorded of effects by now. */
  long effectsSize();

  Tally tally(Collection<Told> calls) throws PairException;

  /** The memory's tool, whose effects are rows. */
  record Memory(SavedRows rows) implements Callee {
    @Override
    public Tool tool() {
      return Tool.MEMORY;
    }

    @Override
    public @Nullable Transport transport() {
      return null;
    }

    @Override
    public String name() {
      return "memory_save";
    }

    @Override
    public String text(String run, int client, int number, boolean equal) {
      return SavedRows.title(run, equal ? 0 : number);
    }

    @Override
    public ObjectNode arguments(String text) {
      ObjectNode arguments =
          JsonMapper.shared().createObjectNode().put("title", text).put("text", SavedRows.TEXT);
      arguments.putArray("tags").add(SavedRows.TAG);
      return arguments;
    }

    @Override
    public boolean answers(String text, JsonNode result) {
      return result.isObject();
    }

    @Override
    public long effectsSize() {
      return 0;
    }

    @Override
    public Tally tally(Collection<Told> calls) throws PairException {
      return Tally.of(calls, rows.count());
    }
  }

  /** A tool of a counting server, whose effects are in a file. */
  record Mounted(Tool tool, Transport transport, CountingMounts mounts) implements Callee {

    /** The tools over each transport. */
    static List<Callee> of(List<Tool> tools, CountingMounts mounts) {
      return tools.stream()
          .filter(Tool::mounted)
          .<Callee>flatMap(
              tool ->
                  Arrays.stream(Transport.values()).map(over -> new Mounted(tool, over, mounts)))
          .toList();
    }

    private EffectFile effects() {
      return mounts.effects(transport);
    }

    @Override
    public String name() {
      return transport.nameOf(tool);
    }

    @Override
    public String text(String run, int client, int number, boolean equal) {
      return equal ? run + " all 0" : run + " " + client + " " + number;
    }

    @Override
    public ObjectNode arguments(String text) {
      return JsonMapper.shared().createObjectNode().put("text", text);
    }

    @Override
    public boolean answers(String text, JsonNode result) {
      return result.at("/content/0/text").asString("").equals(mounts.settings().answerTo(text));
    }

    @Override
    public long effectsSize() {
      try {
        return effects().size();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public Tally tally(Collection<Told> calls) throws PairException {
      try {
        return Tally.of(tool, calls, effects().read());
      } catch (IOException e) {
        throw new PairException("the effects cannot be counted: " + e.getMessage(), e);
      }
    }
  }
}
