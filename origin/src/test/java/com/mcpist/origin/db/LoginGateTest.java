package com.mcpist.origin.db;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.db.Database.LoginGate;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** After a refused login the database is left alone for long, after other failures it is not. */
final class LoginGateTest {
  @Test
  void refusalsAreTriedAgainAfterTenSecondsToAMinute() {
    assertThat(LoginGate.pause(1)).hasSeconds(10);
    assertThat(LoginGate.pause(2)).hasSeconds(20);
    assertThat(LoginGate.pause(4)).hasSeconds(60);
    assertThat(LoginGate.pause(1_000)).hasSeconds(60);
  }

  @Test
  void onlyRolesAndPasswordsAreRefused() {
    assertThat(LoginGate.refused(new SQLException("password", "28P01"))).isTrue();
    assertThat(LoginGate.refused(new IllegalStateException(new SQLException("role", "28000"))))
        .isTrue();
    assertThat(LoginGate.refused(new SQLException("starting", "57P03"))).isFalse();
    assertThat(LoginGate.refused(new SQLException("no state"))).isFalse();
  }
}
