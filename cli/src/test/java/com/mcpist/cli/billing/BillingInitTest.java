package com.mcpist.cli.billing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.cli.console.Failure;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class BillingInitTest {
  private static ObjectNode add(String price) throws Failure {
    ObjectNode plans = JsonMapper.shared().createObjectNode();
    BillingInit.add(plans, price);
    return plans;
  }

  @ParameterizedTest
  @CsvSource({
    "pro=9.99usd/month, 999",
    "pro=10usd/year, 1000",
    "pro=1500jpy/month, 1500",
    "pro=1.234kwd/day, 1234",
    "pro=5isk/week, 500",
    "pro=5000mga/month, 5000"
  })
  void anAmountIsInTheSmallestUnit(String price, long amount) throws Failure {
    assertThat(add(price).at("/pro/amount").asLong()).isEqualTo(amount);
  }

  @ParameterizedTest
  @CsvSource({
    "pro=15.50jpy/month, JPY has not so many decimals",
    "pro=50.5mga/month, MGA has not so many decimals",
    "pro=1.999usd/month, USD has not so many decimals",
    "pro=1xyz/month, there is no currency XYZ",
    "pro=1usd, must be as",
    "Pro=1usd/month, must be as",
    "pro=-1usd/month, must be as"
  })
  void whatIsNoPriceIsRefused(String price, String problem) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> add(price))
        .withMessageContaining(problem);
  }
}
