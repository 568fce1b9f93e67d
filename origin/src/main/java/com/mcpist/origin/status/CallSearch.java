package com.mcpist.origin.status;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.origin.mcp.Message;
import com.mcpist.origin.status.History.Call;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** "Was my call run?": a form, and what the ledger knows of the call that was asked for. */
record CallSearch(Texts texts, @Nullable String asked, Optional<History> history) {
  /** From here on an attempt's number is of a further sending: docs/design/ledger.md. */
  private static final int FURTHER_SENDINGS = 64;

  /**
   * What a call may be recorded under that somebody names so: the client's key, the edge's id, or
   * the key that the edge made of that. Empty where it is neither.
   */
  static List<String> ids(String asked) {
    String id = asked.strip();
    if (!Message.IS_KEY.matcher(id).matches()) {
      return List.of();
    }
    return id.startsWith(Message.OUR_KEY)
        ? List.of(id, id.substring(Message.OUR_KEY.length()))
        : List.of(id);
  }

  Html html() {
    return Html.of(
        """
        <section id="call" role="search" aria-labelledby="call-title">
        <h2 id="call-title">%s</h2>
        <form action="/status#call">
        <label for="call-id">%s</label>
        <input id="call-id" name="call" maxlength="256" autocomplete="off" spellcheck="false"\
         value="%s">
        <button>%s</button>
        </form>
        %s
        </section>\
        """,
        texts.of("call.title"),
        texts.of("call.label"),
        Objects.requireNonNullElse(asked, ""),
        texts.of("call.ask"),
        asked == null ? Html.NONE : answer());
  }

  private Html answer() {
    if (history.isEmpty()) {
      return Html.of("<p class=\"notice warn\">%s</p>", texts.of("call.no-database"));
    }
    List<Call> calls = history.map(History::calls).orElse(List.of());
    if (calls.isEmpty()) {
      List<Html> reasons =
          Stream.of("never", "reads", "running", "refused", "key", "old")
              .map(reason -> Html.of("<li>%s</li>", texts.of("call.not-found." + reason)))
              .toList();
      return Html.of(
          "<p>%s</p>\n<ul>%s</ul>", Html.mark("off", texts.of("call.not-found")), reasons);
    }
    return Html.of("%s", calls.stream().map(this::call).toList());
  }

  private Html call(Call call) {
    String state = Objects.requireNonNullElse(call.state(), "none");
    String level =
        switch (state) {
          case "done" -> "ok";
          case "unknown" -> "bad";
          default -> "off";
        };
    Instant at = call.at();
    List<Html> facts = new ArrayList<>();
    facts.add(texts.fact("call.tool", Html.name(call.tool())));
    facts.add(texts.fact("call.user", Html.name(call.user())));
    facts.add(texts.fact(call.fromClient() ? "call.key" : "call.id", Html.name(call.id())));
    if (call.index() > 0) {
      facts.add(texts.fact("call.index", Html.of("%s", call.index() + 1)));
    }
    Attempt.time(call.fromClient() ? "" : call.id())
        .ifPresent(
            millis ->
                facts.add(texts.fact("call.received", texts.time(Instant.ofEpochMilli(millis)))));
    if (at != null) {
      facts.add(texts.fact("call.at." + state, texts.time(at)));
    }
    if (call.attempt() != null && call.attempt() <= FURTHER_SENDINGS) {
      facts.add(texts.fact("call.attempt", Html.of("%s", call.attempt())));
    }
    facts.add(texts.fact("call.answer", delivery(call)));
    return Html.of(
        "<article><p>%s</p><dl>%s</dl></article>",
        Html.mark(level, texts.of("call.state." + state)), facts);
  }

  private Html delivery(Call call) {
    if (!call.undelivered()) {
      return texts.of("call.answer.delivered");
    }
    Instant until = call.openUntil();
    return until == null
        ? texts.of("call.answer.again")
        : texts.of("call.answer.undelivered", texts.time(until));
  }
}
