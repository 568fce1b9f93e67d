package com.mcpist.origin.mount;

import static com.mcpist.origin.fixture.Definitions.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.module.Tool.Effect;
import com.mcpist.origin.mount.Offer.Approval;
import com.mcpist.origin.mount.Offer.MountedTool;
import com.mcpist.origin.mount.client.MountConfig;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What is offered of what a mounted server lists. */
final class OfferTest {
  private static final String SCHEMA = "\"inputSchema\":{\"type\":\"object\"}";

  private static Offer offer(String more, String seen, String approved, String... taken) {
    String file = "{\"mcpServers\":{\"x\":{\"command\":\"true\"%s}}}".formatted(more);
    MountConfig.Entry entry = MountConfig.parse(file).entries().getFirst();
    return Offer.of(entry, json(seen), json(approved), Set.of(taken));
  }

  private static String tools(String... definitions) {
    return "{\"tools\":[" + String.join(",", definitions) + "]}";
  }

  private static String tool(String name, String more) {
    return "{\"name\":\"%s\",%s%s}".formatted(name, SCHEMA, more);
  }

  private static List<String> names(Offer offer) {
    return offer.tools().stream().map(MountedTool::offeredAs).toList();
  }

  @Test
  void namesAreOfCharactersThatAllClientsTake() {
    assertThat(names(offer("", tools(tool("a.b", ""), tool("c/d", ""), tool("e", "")), "{}")))
        .containsExactly("x_a_b", "x_c_d", "x_e");
  }

  @Test
  void aNameThatIsTooLongOrAnothersEndsInAHash() {
    String tooLong = "n".repeat(63);
    List<String> names =
        names(
            offer(
                "",
                tools(tool("a.b", ""), tool("a_b", ""), tool("mine", ""), tool(tooLong, "")),
                "{}",
                "x_mine"));

    assertThat(names).doesNotHaveDuplicates().contains("x_a_b");
    assertThat(names.get(0)).matches("x_a_b_[0-9a-f]{8}");
    assertThat(names.get(1)).isEqualTo("x_a_b");
    assertThat(names.get(2)).matches("x_mine_[0-9a-f]{8}");
    assertThat(names.get(3)).hasSize(64).matches("x_n+_[0-9a-f]{8}");
  }

  @Test
  void theEffectIsOfTheFileOrTheAnnotations() {
    Offer offer =
        offer(
            """
            ,"tools":{"once":{"effect":"once"},"reads":{"effect":"reads"},
              "keyed":{"key":{"argument":"id"}}}\
            """,
            tools(
                tool("plain", ""),
                tool("read", ",\"annotations\":{\"readOnlyHint\":true}"),
                tool("again", ",\"annotations\":{\"idempotentHint\":true}"),
                tool("once", ",\"annotations\":{\"readOnlyHint\":true,\"title\":\"T\"}"),
                tool("reads", ""),
                tool("keyed", "")),
            "{}");

    assertThat(offer.tools())
        .extracting(MountedTool::effect)
        .containsExactly(
            Effect.ACTS_OUTSIDE,
            Effect.READS,
            Effect.ACTS_OUTSIDE_IDEMPOTENTLY,
            Effect.ACTS_OUTSIDE,
            Effect.READS,
            Effect.ACTS_OUTSIDE_IDEMPOTENTLY);
    assertThat(annotations(offer, 0)).isNull();
    assertThat(annotations(offer, 3))
        .isEqualTo(json("{\"readOnlyHint\":false,\"title\":\"T\",\"idempotentHint\":false}"));
    assertThat(annotations(offer, 4))
        .isEqualTo(json("{\"readOnlyHint\":true,\"idempotentHint\":true}"));
  }

  private static ObjectNode annotations(Offer offer, int tool) {
    return (ObjectNode) offer.tools().get(tool).definition().get("annotations");
  }

  @Test
  void whatIsNotAsMcpHasItIsLeftOut() {
    Offer offer =
        offer(
            "",
            """
            {"tools":[{"name":"bad","description":5,"annotations":{"readOnlyHint":"yes"},
                "inputSchema":null,"outputSchema":{"type":"array"},"icons":{},"own":{"x":[1]}},
              {"title":"nameless"}, 7, {"name":"bad"},
              {"name":"headers","inputSchema":{"type":"object","properties":
                {"a":{"x-mcp-header":"H"},"b":{"x-mcp-header":"h"}}}}],
             "prompts":[{"name":"p","arguments":[{"name":1}]}],
             "resources":[{"uri":"a://b"},{"name":"no uri"}]}\
            """,
            "{}");

    assertThat(offer.tools()).hasSize(2);
    assertThat(offer.tools().getFirst().definition())
        .isEqualTo(
            json("{\"name\":\"x_bad\",\"own\":{\"x\":[1]},\"inputSchema\":{\"type\":\"object\"}}"));
    assertThat(offer.tools().getLast().definition().path("inputSchema"))
        .isEqualTo(json("{\"type\":\"object\"}"));
    assertThat(offer.prompts().getFirst().definition()).isEqualTo(json("{\"name\":\"x_p\"}"));
    assertThat(offer.resources()).containsExactly(json("{\"uri\":\"a://b\",\"name\":\"a://b\"}"));
  }

  @Test
  void aPinnedToolThatWasChangedIsListedAsItWasApproved() {
    String then = tool("t", ",\"description\":\"then\"");
    String now = tools(tool("t", ",\"description\":\"now\""), tool("new", ""));
    String approved = "{\"t\":" + then + "}";

    Offer pinned = offer(",\"pin\":true", now, approved);
    Offer open = offer("", now, approved);

    assertThat(pinned.tools())
        .extracting(MountedTool::approval)
        .containsExactly(Approval.HELD, Approval.APPROVED);
    assertThat(pinned.tools().getFirst().definition().path("description").asString())
        .isEqualTo("then");
    assertThat(open.tools().getFirst().approval()).isEqualTo(Approval.CHANGED);
    assertThat(open.tools().getFirst().definition().path("description").asString())
        .isEqualTo("now");
  }
}
