package com.mcpist.cli.billing;

import module java.base;

import com.mcpist.cli.console.CommandGroup;
import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.TextTable;
import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.cli.site.SiteCommand.ShowCommand;
import com.mcpist.deploy.admin.Billing;
import com.mcpist.deploy.admin.Billing.Calls;
import com.mcpist.deploy.admin.Billing.Difference;
import com.mcpist.deploy.admin.Billing.Link;
import com.mcpist.deploy.admin.Billing.Part;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "billing",
    description = {
      "Sells plans by Stripe.",
      "",
      "mcpist.yml says which: `billing`. Nothing of a card passes MCPist: people pay at Stripe."
    },
    subcommands = {
      BillingInit.class,
      BillingCommand.LinkUser.class,
      BillingCommand.Portal.class,
      BillingCommand.Reconcile.class
    },
    footer = {
      "  mcpist billing init --price pro-monthly=9.99usd/month",
      "  mcpist billing link alice --plan pro-monthly",
      "  mcpist billing portal alice",
      "  mcpist billing reconcile --fix"
    })
public final class BillingCommand extends CommandGroup {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static Billing open(SiteCommand where) throws Exception {
    return new Billing(
        Place.open(where, Place.NOBODY)
            .admin("the origins ask Stripe. Set it to the one they have."));
  }

  private static Deadline deadline() {
    return Deadline.in(LIMIT, Time.system());
  }

  private static void print(Link link, boolean json) {
    Output.print(json ? Output.json(link) : link.url() + "\n");
  }

  @Command(
      name = "link",
      description = {
        "Prints the address of a page at Stripe where a user buys a plan.",
        "",
        "Send it to that person. It lasts for a day. For who pays already it is the page where the"
            + " plan is changed.",
        "",
        "--json prints an object: {\"url\", \"page\"}; page is checkout or portal."
      },
      footer = "  mcpist billing link alice --plan pro-monthly")
  static final class LinkUser extends ShowCommand {
    @Parameters(
        paramLabel = "USER",
        description = "Whoever a key was made for, or the claim sub of a token.")
    private String user = "";

    @Option(
        names = "--plan",
        paramLabel = "PLAN",
        description = "The plan, where mcpist.yml sells more than one.")
    private @Nullable String plan;

    @Override
    public Integer call() throws Exception {
      List<String> sold =
          deployment().billing().map(each -> List.copyOf(each.plans().keySet())).orElse(List.of());
      if (sold.isEmpty()) {
        throw Failure.usage("mcpist.yml sells no plan. Add `billing`: docs/operations/billing.md");
      }
      String wanted = plan == null && sold.size() == 1 ? sold.getFirst() : plan;
      if (wanted == null) {
        throw Failure.usage("give --plan: there are " + String.join(", ", sold) + ".");
      }
      if (!sold.contains(wanted)) {
        throw Failure.unknown("there is no plan for sale", wanted, sold);
      }
      print(open(this).link(user, wanted, deadline()), json);
      return ExitCode.OK;
    }
  }

  @Command(
      name = "portal",
      description = {
        "Prints the address of a page at Stripe where a user changes the card or the plan, or ends"
            + " it.",
        "",
        "--json prints an object: {\"url\", \"page\"}."
      },
      footer = "  mcpist billing portal alice")
  static final class Portal extends ShowCommand {
    @Parameters(paramLabel = "USER", description = "A user who has bought a plan.")
    private String user = "";

    @Override
    public Integer call() throws Exception {
      print(open(this).portal(user, deadline()), json);
      return ExitCode.OK;
    }
  }

  @Command(
      name = "reconcile",
      description = {
        "Compares the plans of those who pay with their subscriptions at Stripe.",
        "",
        "The origins do so each day too, and tell an alert. With --month it also compares the calls"
            + " that were reported with those that Stripe has counted.",
        "",
        "--json prints an object: {\"customers\", \"differences\": [{\"user\", \"customer\","
            + " \"plan\", \"byStripe\", \"mended\"}], \"calls\": [{\"customer\", \"reported\","
            + " \"byStripe\"}]}.",
        "",
        "Exit code 1: something differs, and is not mended."
      },
      footer = {
        "  mcpist billing reconcile",
        "  mcpist billing reconcile --month 2027-01",
        "  mcpist billing reconcile --fix"
      })
  static final class Reconcile extends ShowCommand {
    @Option(names = "--fix", description = "Give each user the plan that follows from Stripe.")
    private boolean fix;

    @Option(
        names = "--month",
        paramLabel = "MONTH",
        description = "Compare the calls of this month too, such as 2027-01.")
    private @Nullable String month;

    @Override
    public Integer call() throws Exception {
      if (month != null && !month.matches("[0-9]{4}-(0[1-9]|1[0-2])")) {
        throw Failure.usage("--month must be a month, such as 2027-01, not " + month);
      }
      Billing billing = open(this);
      int customers = 0;
      List<Difference> differences = new ArrayList<>();
      List<Calls> calls = new ArrayList<>();
      Optional<String> next = Optional.of("");
      while (next.isPresent()) {
        Part part = billing.reconcile(fix, next.get(), Optional.ofNullable(month), deadline());
        customers += part.customers();
        differences.addAll(part.differences());
        calls.addAll(part.calls());
        next = part.next();
      }
      Output.print(
          json
              ? Output.json(
                  Output.object()
                      .put("customers", customers)
                      .putPOJO("differences", differences)
                      .putPOJO("calls", calls))
              : text(customers, differences, calls));
      return code(calls.isEmpty() && differences.stream().allMatch(Difference::mended));
    }

    static String text(int customers, List<Difference> differences, List<Calls> calls) {
      StringBuilder text = new StringBuilder();
      if (!differences.isEmpty()) {
        text.append(
            new TextTable<>(differences)
                .column("USER", Difference::user)
                .column("PLAN", Difference::plan)
                .column("BY STRIPE", Difference::byStripe)
                .column("", each -> each.mended() ? "mended" : "")
                .render());
      }
      if (!calls.isEmpty()) {
        text.append(
            new TextTable<>(calls)
                .column("CUSTOMER", Calls::customer)
                .number("REPORTED", each -> Long.toString(each.reported()))
                .number("BY STRIPE", each -> Long.toString(each.byStripe()))
                .render());
      }
      return text.append("%d customers, %d differ.\n".formatted(customers, differences.size()))
          .toString();
    }
  }
}
