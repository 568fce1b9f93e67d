package com.mcpist.edge.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.call.Search.Step;
import com.mcpist.edge.gate.HostNames;
import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins.Failure;
import com.mcpist.edge.wire.Payload;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionsTest {
  private static final Origin ONE = new Origin("one", URI.create("http://one"));
  private static final Origin TWO = new Origin("two", URI.create("http://two"));
  private static final List<Origin> ALL = List.of(ONE, TWO);
  private static final Authentication ASKED =
      new Authentication.Required(URI.create("https://MCP.example.com/mcp"), true, null);

  private static void assertSentTo(Origin origin, Step step) {
    assertThat(step)
        .isInstanceOfSatisfying(Step.Send.class, s -> assertThat(s.origin()).isEqualTo(origin));
  }

  @Test
  void aSearchTriesEachOriginOnceARound() {
    Search search = new Search(1_000, 0);
    assertSentTo(TWO, search.next(Optional.of(TWO), ALL, 0));
    assertSentTo(ONE, search.next(Optional.empty(), ALL, 1));
    assertThat(search.next(Optional.empty(), ALL, 2)).isInstanceOf(Step.Pause.class);
    assertSentTo(ONE, search.next(Optional.empty(), ALL, 30));
    assertThat(search.attempts()).isEqualTo(3);
  }

  @Test
  void aSearchEndsAfterItsTimeButNotBeforeEachWasTried() {
    Search search = new Search(1_000, 0);
    assertSentTo(ONE, search.next(Optional.empty(), ALL, 5_000));
    assertSentTo(TWO, search.next(Optional.empty(), ALL, 9_000));
    assertThat(search.next(Optional.empty(), ALL, 9_000)).isEqualTo(new Step.GiveUp());
  }

  @Test
  void pausesGrowAndNeverOutlastTheSearch() {
    Search search = new Search(1_000, 0);
    long last = 0;
    long now = 0;
    while (search.next(Optional.empty(), List.of(), now) instanceof Step.Pause pause) {
      assertThat(pause.atMost()).isBetween(pause.atLeast(), 1_000 - now);
      assertThat(pause.atLeast()).isGreaterThanOrEqualTo(Math.min(last, 1_000 - now));
      last = pause.atLeast();
      now += pause.atLeast();
    }
    assertThat(now).isEqualTo(1_000);
  }

  /** The search is the same as for a notice, for which nobody may wait. */
  @Test
  void pausesGrowAsFarAsTheSearchAllows() {
    Search search = new Search(60_000, 4_000, 0);
    long now = 0;
    int rounds = 0;
    long longest = 0;
    while (search.next(Optional.empty(), List.of(), now) instanceof Step.Pause pause) {
      longest = Math.max(longest, pause.atLeast());
      now += pause.atLeast();
      rounds++;
    }
    assertThat(longest).isEqualTo(4_000);
    assertThat(rounds).isEqualTo(22);
  }

  @Test
  void anOriginThatWasAtWorkGivesTheSearchNewTime() {
    Search search = new Search(1_000, 0);
    search.next(Optional.of(ONE), ALL, 0);
    search.cutShort(60_000, 60_000);
    search.next(Optional.of(TWO), ALL, 60_000);
    assertThat(search.next(Optional.empty(), ALL, 60_100)).isInstanceOf(Step.Pause.class);
  }

  @Test
  void aCallThatEveryOriginTakesUpAndSoonDropsEnds() {
    Search search = new Search(1_000, 0);
    for (long now = 0; now <= 1_200; now += 600) {
      search.next(Optional.of(ONE), ALL, now);
      search.cutShort(300, now + 300);
      search.next(Optional.of(TWO), ALL, now + 300);
      search.cutShort(300, now + 600);
      Step after = search.next(Optional.empty(), ALL, now + 600);
      assertThat(after).isInstanceOf(now < 1_200 ? Step.Pause.class : Step.GiveUp.class);
    }
  }

  @Test
  void aLongPieceOfWorkGivesTheSearchNewTimeEachTime() {
    Search search = new Search(1_000, 0);
    for (int i = 1; i <= 3; i++) {
      search.next(Optional.of(ONE), ALL, i * 15_000L);
      search.failed(ONE, Failure.REPLACED);
      search.cutShort(14_000, (i + 1) * 15_000L);
    }
    assertThat(search.next(Optional.empty(), List.of(), 60_100)).isInstanceOf(Step.Pause.class);
  }

  @Test
  void aShortWaitDoesNotMakeLongWorkOfWhatIsNot() {
    Search search = new Search(1_000, 0);
    search.next(Optional.of(ONE), ALL, 0);
    search.cutShort(3_000, 3_000);
    search.next(Optional.of(TWO), ALL, 3_000);
    search.cutShort(3_000, 6_000);
    assertThat(search.next(Optional.empty(), ALL, 6_000)).isEqualTo(new Step.GiveUp());
  }

  @Test
  void aSearchIsNotForEver() {
    Search search = new Search(1_000, 0);
    for (int i = 0; i < Search.MAX_ATTEMPTS; i++) {
      assertThat(search.next(Optional.of(ONE), ALL, 0)).isInstanceOf(Step.Send.class);
      search.failed(ONE, Failure.REPLACED);
    }
    assertThat(search.next(Optional.of(ONE), ALL, 0)).isEqualTo(new Step.GiveUp());
  }

  @Test
  void whatNoOriginLetsInIsTriedOnForAsLongAsItMayWait() {
    Search search = new Search(1_000, 0);
    for (int i = 0; i <= Search.MAX_ATTEMPTS; i++) {
      assertThat(search.next(Optional.of(ONE), ALL, 0)).isInstanceOf(Step.Send.class);
      search.failed(ONE, Failure.NOT_RUN);
    }
    assertThat(search.next(Optional.empty(), List.of(), 999)).isInstanceOf(Step.Pause.class);
    assertThat(search.next(Optional.empty(), List.of(), 1_000)).isEqualTo(new Step.GiveUp());
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, localhost, true",
    "127.0.0.1, LOCALHOST:8080, true",
    "127.0.0.1, 127.0.0.1:1, true",
    "::1, [::1]:8080, true",
    "127.0.0.9, localhost:, true",
    "127.0.0.9, 127.0.0.9:8080, true",
    "127.0.0.1, 127.0.0.9, false",
    "127.0.0.1, evil.example, false",
    "127.0.0.1, evil.example:8080, false",
    "127.0.0.1, localhost.evil.example, false",
    "127.0.0.1, localhost@evil.example, false",
    "127.0.0.1, localhost:80:80, false",
    "127.0.0.1, '', false",
    "0.0.0.0, localhost, false",
    "::, mcp.example.com, false",
    "192.0.2.7, 192.0.2.7, false"
  })
  void onLoopbackOnlyItsNamesAreTakenAndElsewhereNone(String listens, String host, boolean taken) {
    assertThat(open(listens).names(host)).isEqualTo(taken);
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, mcp.example.com, true",
    "0.0.0.0, MCP.example.com:443, true",
    "0.0.0.0, localhost, false",
    "0.0.0.0, evil.example, false",
    "127.0.0.1, mcp.example.com, true",
    "127.0.0.1, localhost:8080, true",
    "127.0.0.1, evil.example, false"
  })
  void whereClientsAreAskedItIsKnownByItsResource(String listens, String host, boolean taken) {
    HostNames names = HostNames.ofListener(InetAddress.ofLiteral(listens), ASKED);
    assertThat(names.names(host)).isEqualTo(taken);
    assertThat(names.mayAsk("https://mcp.example.com")).isTrue();
    assertThat(names.mayAsk("https://evil.example")).isFalse();
  }

  private static HostNames open(String listens) {
    return HostNames.ofListener(InetAddress.ofLiteral(listens), new Authentication.Open(true));
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, http://localhost:5173, true",
    "127.0.0.1, http://[::1], true",
    "127.0.0.1, http://evil.example, false",
    "127.0.0.1, http://localhost.evil.example, false",
    "127.0.0.1, null, false",
    "127.0.0.1, '', false",
    "127.0.0.1, http://a b, false",
    "0.0.0.0, http://localhost, false",
    "0.0.0.0, null, false"
  })
  void onlyPagesOfTheseNamesMayAsk(String listens, String origin, boolean may) {
    assertThat(open(listens).mayAsk(origin)).isEqualTo(may);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "true | GET | nothing",
        "true | POST | {'id':1,'method':'tools/list'}",
        "true | POST | {'method':'notifications/initialized'}",
        "true | POST | {'id':1,'method':'tools/call','params':{'name':'find'}}",
        "true | POST | [{'id':1,'method':'ping'},{'id':2,'method':'tools/list'}]",
        "true | DELETE | nothing",
        "false | POST | nothing",
        "false | POST | {'id':1,'method':'tools/call','params':{'name':'save'}}",
        "false | POST | {'id':1,'method':'tools/call'}",
        "false | POST | {'id':1,'method':'unheard/of'}",
        "false | POST | {'id':1,'result':{}}",
        "false | POST | {'id':1,'method':'ping','method':'tools/call'}",
        "false | POST | [{'id':1,'method':'ping'},{'id':2,'method':'tools/call'}]"
      })
  void whichCallsMayRunTwice(boolean may, String method, String json) {
    assertThat(
            ToolCatalog.isRepeatable(
                HttpMethod.valueOf(method), Payload.read(json.replace('\'', '"')), Set.of("find")))
        .isEqualTo(may);
  }

  @Test
  void aPageOfToolsIsReadFromJsonAndFromEvents() {
    String json =
        """
        {"jsonrpc":"2.0","id":1,"result":{"nextCursor":"n","tools":[
         {"name":"find","annotations":{"readOnlyHint":true}},
         {"name":"save","annotations":{"readOnlyHint":false}},
         {"name":"set","annotations":{"readOnlyHint":false,"idempotentHint":true}},
         {"name":"plain"}]}}\
        """
            .replace("\n", "");
    ToolCatalog.Page page = new ToolCatalog.Page(Set.of("find", "set"), Optional.of("n"));
    assertThat(ToolCatalog.Page.read(Buffer.buffer(json))).contains(page);
    assertThat(ToolCatalog.Page.read(Buffer.buffer(": c\n\ndata: " + json + "\n\n")))
        .contains(page);
    assertThat(ToolCatalog.Page.read(Buffer.buffer("{\"error\":{}}"))).isEmpty();
    assertThat(ToolCatalog.Page.read(Buffer.buffer("<html>"))).isEmpty();
  }
}
