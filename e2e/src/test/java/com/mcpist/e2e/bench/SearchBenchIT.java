package com.mcpist.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** What {@code bench/search quality} measures. */
class SearchBenchIT {

  @Test
  void mostQuestionsAreAnsweredByTheFirstThreeMemoriesFound() throws IOException, SQLException {
    SearchBenchSet.Report report = SearchBench.quality();

    assertThat(report.good()).as(report::toString).isTrue();
  }
}
