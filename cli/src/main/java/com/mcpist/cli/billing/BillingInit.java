package com.mcpist.cli.billing;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.deploy.ProductionSite.ProductionSecrets;
import com.mcpist.deploy.config.Deployment.Stripe;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.Source.SourceWriter;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.process.JvmProgram;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "init",
    description = {
      "Makes products, prices and the webhook at Stripe, with STRIPE_SECRET_KEY.",
      "",
      "It asks first. What is there already stays: it can be run again. The webhook's secret goes"
          + " to GitHub's secrets as STRIPE_WEBHOOK_SECRET, for which SECRETS_GITHUB_TOKEN must be"
          + " set; `mcpist secrets sync` brings it to the origins. For a pair on this machine there"
          + " is no webhook: `stripe listen` stands for it.",
      "",
      "It prints the `billing` of mcpist.yml."
    },
    footer = {
      "  mcpist billing init --price pro-monthly=9.99usd/month",
      "  mcpist billing init --price pro-monthly=1500jpy/month --yes"
    })
final class BillingInit extends SiteCommand {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Pattern PRICE =
      Pattern.compile(
          "([a-z0-9][a-z0-9_-]{0,62})=([0-9]{1,9}(?:\\.[0-9]{1,3})?)([a-z]{3})/(day|week|month|year)");

  /** Where Stripe takes other decimals than there are. */
  private static final Map<String, Integer> DECIMALS = Map.of("ISK", 2, "UGX", 2, "MGA", 0);

  @Option(
      names = "--price",
      paramLabel = "PRICE",
      required = true,
      description = "A plan and its price, such as pro-monthly=9.99usd/month. Several: once each.")
  private List<String> prices = List.of();

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  @Override
  public Integer call() throws Exception {
    ObjectNode wanted = JsonMapper.shared().createObjectNode();
    ObjectNode plans = wanted.putObject("plans");
    for (String price : prices) {
      add(plans, price);
    }
    if (System.getenv().getOrDefault(Stripe.KEY, "").isBlank()) {
      throw Failure.usage(Stripe.KEY + " is not set: Stripe's Dashboard shows it, under API keys.");
    }
    Optional<SourceWriter> writer = Optional.empty();
    if (!isLocal()) {
      String domain =
          deployment()
              .domain()
              .orElseThrow(() -> Failure.usage("mcpist.yml has no domain for Stripe's webhook."));
      wanted.put("url", "https://" + domain + "/webhooks/stripe");
      writer = Optional.of(new ProductionSecrets(production(), Duration.ZERO).writer());
    }
    ask(wanted);
    JsonNode made = run(wanted);
    String secret = made.path("webhookSecret").asString("");
    if (writer.isPresent() && !secret.isEmpty()) {
      writer
          .get()
          .promote(Stripe.WEBHOOK_SECRET, Secret.of(secret), Deadline.in(LIMIT, Time.system()));
      System.err.println(
          Stripe.WEBHOOK_SECRET + " is in GitHub's secrets: `mcpist secrets sync` brings it on.");
    } else if (writer.isPresent()) {
      System.err.println(
          "The webhook is there already: Stripe's Dashboard shows its secret, which must be "
              + Stripe.WEBHOOK_SECRET
              + " in GitHub's secrets.");
    }
    System.out.println("billing:\n  stripe:\n    plans:");
    made.path("plans")
        .forEachEntry((plan, id) -> System.out.println("      " + plan + ": " + id.asString()));
    return ExitCode.OK;
  }

  /** Amounts are in the smallest unit of the currency, as Stripe takes them. */
  static void add(ObjectNode plans, String price) throws Failure {
    Matcher matcher = PRICE.matcher(price);
    if (!matcher.matches()) {
      throw Failure.usage("--price must be as pro-monthly=9.99usd/month, not " + price);
    }
    String code = matcher.group(3).toUpperCase(Locale.ROOT);
    try {
      int known = Currency.getInstance(code).getDefaultFractionDigits();
      int decimals = DECIMALS.getOrDefault(code, known);
      long amount = new BigDecimal(matcher.group(2)).movePointRight(decimals).longValueExact();
      plans
          .putObject(matcher.group(1))
          .put("amount", amount)
          .put("currency", matcher.group(3))
          .put("interval", matcher.group(4));
    } catch (ArithmeticException _) {
      throw Failure.usage(code + " has not so many decimals: " + price);
    } catch (IllegalArgumentException _) {
      throw Failure.usage("there is no currency " + code + ": " + price);
    }
  }

  private void ask(JsonNode wanted) throws Failure {
    if (yes) {
      return;
    }
    Console console = Terminal.console();
    if (console == null) {
      throw Failure.usage("there is no terminal to ask on: give --yes.");
    }
    String url = wanted.path("url").asString("");
    console.printf("At Stripe: %s%s%n", String.join(", ", prices), url.isEmpty() ? "" : ", " + url);
    String answer = console.readLine("Make what is missing? [y/N] ");
    if (answer == null || !answer.strip().equalsIgnoreCase("y")) {
      throw Failure.failed("nothing was made.");
    }
  }

  private static JsonNode run(JsonNode wanted) throws Exception {
    List<String> command =
        JvmProgram.command(
            App.folder().resolve("origin"), "com.mcpist.origin.billing.StripeSetup", List.of());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try {
      try (OutputStream in = process.getOutputStream()) {
        in.write(JsonMapper.shared().writeValueAsBytes(wanted));
      }
      JsonNode told = JsonMapper.shared().readTree(process.getInputStream().readAllBytes());
      if (!told.path("ok").asBoolean(false)) {
        throw Failure.failed(
            Failure.sentence(told.path("problem").asString("Stripe said nothing")));
      }
      return told;
    } catch (JacksonException _) {
      throw Failure.failed("Stripe could not be asked.");
    } finally {
      process.destroy();
    }
  }
}
