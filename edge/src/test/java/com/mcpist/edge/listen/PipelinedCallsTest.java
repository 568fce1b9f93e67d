package com.mcpist.edge.listen;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** Tests a client that sends its next request before it has the response to the one before. */
class PipelinedCallsTest {
  private static final int CALLS = 500;
  private static final String CALL_CLASS = "com.mcpist.edge.call.Call";

  /** A connection that always has a request must not hold the calls that have ended. */
  @Test
  void aCallThatHasEndedIsNotHeldByItsConnection() throws Exception {
    try (TestEdge edge = TestEdge.start();
        RawHttp client = RawHttp.connect(edge.server.port())) {
      edge.first.always(answer(200, ANSWER));
      String call = RawHttp.post("/mcp", "", CALL);
      client.send(call);
      for (int i = 0; i < CALLS; i++) {
        client.send(call);
        assertThat(client.read().text()).isEqualTo(ANSWER);
      }
      Conditions.await("the ended calls are garbage", () -> instances() < CALLS / 10);
    }
  }

  /** Returns how many objects of the class the heap has after a collection. */
  private static long instances() throws IOException {
    try {
      Object histogram =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "gcClassHistogram",
                  new Object[] {new String[0]},
                  new String[] {String[].class.getName()});
      return histogram
          .toString()
          .lines()
          .map(line -> line.strip().split("\\s+", -1))
          .filter(columns -> columns.length >= 4 && columns[3].equals(CALL_CLASS))
          .mapToLong(columns -> Long.parseLong(columns[1]))
          .sum();
    } catch (JMException e) {
      throw new IOException(e);
    }
  }
}
