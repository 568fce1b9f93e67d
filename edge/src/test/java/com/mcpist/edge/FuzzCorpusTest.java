package com.mcpist.edge;

import com.mcpist.testkit.FuzzCorpus;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests in every build that the fuzz targets hold for their first inputs, and for all inputs that
 * they have found.
 */
class FuzzCorpusTest {
  static Stream<String> inputs() throws IOException {
    return FuzzCorpus.inputs("edge");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("inputs")
  void holds(String input) throws Throwable {
    FuzzCorpus.run("edge", input);
  }
}
