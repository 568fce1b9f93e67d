package com.mcpist.origin.trace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlSummaryTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          select * from ledger_enter(?,?)                              | select ledger_enter
          select ledger_finish(?,?,false); commit                      | select ledger_finish
          rollback to savepoint a; select ledger_finish(?); commit     | select ledger_finish
          with written as (insert into memory (id) values (:id)) select 1 from memory_nearest(:id) | insert memory
          UPDATE memory SET title = :title WHERE id = :id              | update memory
          select id from memory where id = :id for update skip locked  | select memory
          delete from tool_call where claim = ?                        | delete tool_call
          select 'insert into secret', x from t where a = 'from alice' | select t
          savepoint a                                                  | savepoint
          ?                                                            | statement
          """)
  void aStatementIsNamedByWhatItDoesToWhat(String sql, String summary) {
    assertThat(SqlSummary.of(sql)).isEqualTo(summary);
  }
}
