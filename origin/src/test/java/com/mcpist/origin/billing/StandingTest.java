package com.mcpist.origin.billing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.mcpist.origin.billing.Standing.Subscribed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StandingTest {
  private static final Instant SINCE = Instant.parse("2026-11-28T09:00:00Z");
  private static final BillingConfig CONFIG =
      BillingConfig.parse(
          """
          {"plans": {"pro": "price_pro", "team": "price_team"}, "metered": {"team": "price_calls"},
           "meter": "mcpist_calls", "free": "standard", "graceDays": 7,
           "returnUrl": "https://example.com/"}
          """,
          "sk_test_standin",
          List.of("whsec_standin"),
          Optional.empty());

  private static Standing of(String status, @Nullable Instant unpaid, String... prices) {
    return Standing.of(new Subscribed("sub_1", status, List.of(prices), unpaid), CONFIG);
  }

  @ParameterizedTest
  @CsvSource({
    "active, pro",
    "trialing, pro",
    "past_due, pro",
    "incomplete,",
    "incomplete_expired,",
    "unpaid,",
    "paused,",
    "canceled,",
    "something_new,"
  })
  void theStatusDecides(String status, @Nullable String plan) {
    assertThat(of(status, SINCE, "price_pro").plan()).isEqualTo(plan);
  }

  @Test
  void whoHasNotPaidKeepsThePlanForTheGracePeriod() {
    assertThat(of("past_due", SINCE, "price_pro").until())
        .isEqualTo(SINCE.plus(Duration.ofDays(7)));
    assertThat(of("past_due", null, "price_pro").until()).isBefore(SINCE);
    assertThat(of("active", SINCE, "price_pro").until()).isNull();
  }

  @Test
  void ofTwoPricesTheLaterPlanCountsAndOneThatIsNotSoldGivesNone() {
    assertThat(of("active", null, "price_team", "price_pro").plan()).isEqualTo("team");
    assertThat(of("active", null, "price_other").plan()).isNull();
    assertThat(new Subscribed("sub_1", "active", List.of("price_other"), null).unknown(CONFIG))
        .isTrue();
    assertThat(new Subscribed("sub_1", "canceled", List.of("price_other"), null).unknown(CONFIG))
        .isFalse();
  }

  @Test
  void callsAreCountedWhereTheirPriceIsPaid() {
    assertThat(of("active", null, "price_team", "price_calls").metered()).isTrue();
    assertThat(of("active", null, "price_team").metered()).isFalse();
    assertThat(of("canceled", null, "price_team", "price_calls").metered()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "sk_test_standin, development, true",
    "rk_test_standin, test, true",
    "sk_test_standin, production-primary, false",
    "sk_live_standin, production-standby, true",
    "sk_live_standin, '', false",
    "pk_live_standin, production-primary, false"
  })
  void aKeyIsOfItsEnvironment(String key, String environment, boolean good) {
    assertThat(BillingConfig.problem(key, environment).isEmpty()).isEqualTo(good);
  }

  @Test
  void whatIsMalformedIsRefusedAndNothingSecretIsPrinted() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BillingConfig.parse("{\"plans\": []}", "", List.of(), Optional.empty()))
        .withMessageStartingWith("must be as");
    assertThat(CONFIG).asString().doesNotContain("sk_test", "whsec");
    assertThat(CONFIG.problems()).isEmpty();
    assertThat(BillingConfig.NONE.problems()).isEmpty();
  }
}
