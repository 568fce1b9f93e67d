package com.mcpist.origin.billing;

import com.mcpist.origin.admin.AdminProblem;
import com.mcpist.origin.admin.AdminTransactions;
import com.mcpist.origin.admin.BillingDesk;
import com.mcpist.origin.admin.Events.Event;
import com.mcpist.origin.auth.Access;
import com.mcpist.origin.billing.BillingConfig.Sold;
import com.mcpist.origin.billing.BillingStore.Change;
import com.mcpist.origin.billing.BillingStore.Hour;
import com.mcpist.origin.billing.BillingStore.Known;
import com.mcpist.origin.billing.Standing.Subscribed;
import com.mcpist.origin.db.Background;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.mcp.Json;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps plans as Stripe's subscriptions say. Nothing of the database is held while Stripe is asked:
 * what it answers is kept only where nobody has changed the customer since, else it is asked again.
 */
public final class Billing implements BillingDesk, AutoCloseable {
  /** An event of Stripe has some kilobytes. */
  public static final int MAX_BODY_BYTES = 256 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(Billing.class);
  private static final Duration INTERVAL = Duration.ofMinutes(1);
  private static final int TRIES = 5;
  private static final int AT_ONCE = 8;

  // At most, in one pass of the upkeep.
  private static final int CUSTOMERS = 64;
  private static final int HOURS = 1_000;
  private static final int SUMS = 50;

  private final BillingConfig config;
  private final AdminTransactions transactions;
  private final Consumer<Event> events;
  private final Clock clock;
  private final BillingStore store;
  private final StripeAccount account;
  private final Background work;

  /** {@code ready}: whether the database has its schema. */
  public Billing(
      BillingConfig config, Database database, BooleanSupplier ready, Consumer<Event> events) {
    this(config, database, ready, events, Clock.systemUTC());
  }

  Billing(
      BillingConfig config,
      Database database,
      BooleanSupplier ready,
      Consumer<Event> events,
      Clock clock) {
    this.config = config;
    this.transactions = new AdminTransactions(database, ready);
    this.events = events;
    this.clock = clock;
    this.store = new BillingStore(config);
    this.account = new StripeAccount(config);
    this.work =
        new Background(
            "Billing",
            INTERVAL,
            () -> {
              if (ready.getAsBoolean()) {
                upkeep();
              }
            });
  }

  /** What Stripe is answered; 2xx only where the event has had its effect, or is to have none. */
  public record Answer(int status, String code, String message) {
    static final Answer DONE = new Answer(200, "done", "The event has had its effect");
    static final Answer REPEATED = new Answer(200, "repeated", "The event had its effect before");
    static final Answer IGNORED = new Answer(200, "ignored", "The event changes nothing here");
    static final Answer NO_SECRET =
        new Answer(503, "no_secret", "STRIPE_WEBHOOK_SECRET is not set: no event can be believed");
    static final Answer BAD_SIGNATURE =
        new Answer(400, "bad_signature", "Stripe-Signature is not good, or older than 5 minutes");
    static final Answer BAD_REQUEST = new Answer(400, "bad_request", "This is no event of Stripe");
    static final Answer TOO_LARGE =
        new Answer(413, "too_large", "The body may have at most " + MAX_BODY_BYTES + " bytes");

    static Answer later(String why) {
      return new Answer(503, "later", why);
    }
  }

  public static Answer tooLarge() {
    return Answer.TOO_LARGE;
  }

  /** Takes an event; blocks for some seconds at most. */
  public Answer take(byte[] body, List<String> signatures) {
    if (config.webhookSecrets().isEmpty()) {
      return Answer.NO_SECRET;
    }
    String text = new String(body, StandardCharsets.UTF_8);
    boolean signed =
        signatures.size() == 1
            && StripeAccount.signed(text, signatures.getFirst(), config.webhookSecrets(), clock);
    if (!signed) {
      return Answer.BAD_SIGNATURE;
    }
    StripeEvent event = StripeEvent.read(text).orElse(null);
    if (event == null) {
      return Answer.BAD_REQUEST;
    }
    Answer answer = take(event);
    LOG.info("Event {} of Stripe: {}", event.id(), answer.code());
    return answer;
  }

  private Answer take(StripeEvent event) {
    if (!event.known() || event.ofOtherAccount() || event.live() != config.live()) {
      return Answer.IGNORED;
    }
    try {
      Optional<String> customer =
          event.ofDispute() ? account.customerOf(event.objectId()) : event.customer();
      if (customer.isEmpty()) {
        return Answer.IGNORED;
      }
      return switch (settle(customer.get(), event)) {
        case Settled.Done _ -> Answer.DONE;
        case Settled.Repeated _ -> Answer.REPEATED;
        case Settled.Nobody _ -> Answer.IGNORED;
        case Settled.Missing(List<String> plans) -> Answer.later(missing(plans));
        case Settled.Stale _ -> Answer.later("Others change this customer at the same time");
      };
    } catch (StripeProblem e) {
      // Whatever it is, Stripe sends the event again, and somebody may have mended it by then.
      LOG.warn("Event {} of Stripe waits: {}", event.id(), e.getMessage());
      return Answer.later(String.valueOf(e.getMessage()));
    } catch (AdminProblem e) {
      return Answer.later(String.valueOf(e.getMessage()));
    }
  }

  private static String missing(List<String> plans) {
    return "There is no plan %s: `mcpist plans set` makes it".formatted(String.join(", ", plans));
  }

  /** How a customer was settled. */
  private sealed interface Settled {
    /** {@code unknown}: subscriptions that give no plan for want of their price. */
    record Done(Change change, List<String> unknown) implements Settled {}

    record Repeated() implements Settled {}

    record Nobody() implements Settled {}

    record Missing(List<String> plans) implements Settled {}

    record Stale() implements Settled {}
  }

  /** {@code event}: null: without one. */
  private Settled settle(String customer, @Nullable StripeEvent event)
      throws AdminProblem, StripeProblem {
    Settled settled = new Settled.Stale();
    for (int tries = 0; tries < TRIES && settled instanceof Settled.Stale; tries++) {
      settled = settleOnce(customer, event);
    }
    if (settled instanceof Settled.Done(_, List<String> unknown)) {
      unknown.forEach(id -> tell("price " + id, unknownPrice(id)));
    }
    return settled;
  }

  private static String unknownPrice(String subscription) {
    return "the subscription %s has no price that billing in mcpist.yml names: it gives no plan"
        .formatted(subscription);
  }

  private Settled settleOnce(String customer, @Nullable StripeEvent event)
      throws AdminProblem, StripeProblem {
    if (event != null && transactions.run(h -> store.handled(h, event.id()))) {
      return new Settled.Repeated();
    }
    Known known = transactions.run(h -> store.known(h, customer));
    Optional<String> user = user(known);
    if (user.isEmpty()) {
      return new Settled.Nobody();
    }
    // From here on Stripe is asked: its answers are newer than what is known.
    List<Subscribed> subscribed = account.subscriptions(customer);
    Set<String> disputes = new LinkedHashSet<>(known.disputes());
    if (event != null && event.ofDispute()) {
      disputes.add(event.objectId());
    }
    List<String> counting = account.counting(customer, disputes);
    return transactions.run(h -> write(h, known, user.get(), subscribed, counting, event));
  }

  /** Only whoever administers the account at Stripe, or this server, says whose a customer is. */
  private Optional<String> user(Known known) throws StripeProblem {
    Optional<String> user = Optional.ofNullable(known.user());
    return (user.isPresent() ? user : account.user(known.customer()))
        .filter(name -> Access.USER.matcher(name).matches())
        .filter(name -> !name.startsWith(Access.KEY_USER));
  }

  private Settled write(
      Handle handle,
      Known known,
      String user,
      List<Subscribed> subscribed,
      List<String> disputes,
      @Nullable StripeEvent event) {
    store.lock(handle, user);
    List<String> missing = store.missingPlans(handle);
    if (!missing.isEmpty()) {
      return new Settled.Missing(missing);
    }
    if (!store.advance(handle, known, user)) {
      return new Settled.Stale();
    }
    if (event != null && !store.handle(handle, event, known.customer())) {
      return new Settled.Repeated();
    }
    List<Standing> standings = standings(subscribed);
    Change change = store.settle(handle, known.customer(), user, standings, disputes);
    return new Settled.Done(
        change,
        subscribed.stream().filter(each -> each.unknown(config)).map(Subscribed::id).toList());
  }

  /** One of another product of this account says nothing of a plan. */
  private List<Standing> standings(List<Subscribed> subscribed) {
    return subscribed.stream()
        .filter(each -> !each.unknown(config))
        .map(each -> Standing.of(each, config))
        .toList();
  }

  /**
   * How the plan would change if a customer were settled now; empty: nobody's, or not at all. Then
   * what else has changed is kept.
   */
  private Optional<Change> difference(String customer) throws AdminProblem, StripeProblem {
    Known known = transactions.run(h -> store.known(h, customer));
    @Nullable String user = known.user();
    if (user == null) {
      return Optional.empty();
    }
    List<Standing> standings = standings(account.subscriptions(customer));
    List<String> disputes = account.counting(customer, known.disputes());
    return transactions.run(h -> compare(h, known, user, standings, disputes));
  }

  private Optional<Change> compare(
      Handle handle, Known known, String user, List<Standing> standings, List<String> disputes) {
    store.lock(handle, user);
    handle.savepoint("compared");
    // Another event may have come meanwhile, after which this is old.
    if (!store.missingPlans(handle).isEmpty() || !store.advance(handle, known, user)) {
      store.checked(handle, known.customer());
      return Optional.empty();
    }
    Change change = store.settle(handle, known.customer(), user, standings, disputes);
    if (!change.differs()) {
      return Optional.empty();
    }
    handle.rollbackToSavepoint("compared");
    store.checked(handle, known.customer());
    return Optional.of(change);
  }

  /** Once a minute. One step that fails is no reason for the others to wait. */
  void upkeep() {
    step("The end of grace periods", this::endGrace);
    step("The daily comparison with Stripe", this::check);
    step("Reporting calls", this::report);
    step("Cleaning", () -> transactions.run(store::clean));
  }

  private static void step(String name, Background.Work work) {
    try {
      work.run();
    } catch (Exception e) {
      LOG.warn("{} failed, and will be tried again: {}", name, Database.firstLine(e));
    }
  }

  /** Who has paid meanwhile keeps the plan, whether an event has told it or not. */
  private void endGrace() throws AdminProblem, StripeProblem {
    for (String customer : transactions.run(h -> store.graceOver(h, CUSTOMERS))) {
      try {
        if (settle(customer, null) instanceof Settled.Missing(List<String> plans)) {
          tell("plans " + plans, missing(plans));
        }
      } catch (StripeProblem e) {
        refused(customer, e);
      }
    }
  }

  /** Compares customers whose last comparison was a day ago. */
  private void check() throws AdminProblem, StripeProblem {
    for (String customer : transactions.run(h -> store.dueForCheck(h, CUSTOMERS))) {
      try {
        Optional<Change> difference = difference(customer);
        if (difference.isPresent()) {
          tell("check " + customer + " " + LocalDate.now(clock), told(difference.get(), customer));
        }
      } catch (StripeProblem e) {
        refused(customer, e);
        transactions.run(h -> store.checked(h, customer)); // It keeps no other one back.
      }
    }
  }

  /** That Stripe is away concerns all customers; else it is this one's. */
  private static void refused(String customer, StripeProblem e) throws StripeProblem {
    if (e.passing()) {
      throw e;
    }
    LOG.warn("{} was not looked at: {}", customer, e.getMessage());
  }

  private static String told(Change change, String customer) {
    return "%s has the plan %s, and by Stripe (%s) it is %s: `mcpist billing reconcile --fix`"
        .formatted(change.user(), change.before(), customer, change.after());
  }

  /** Tells of something once: again it is the same event. */
  private void tell(String what, String message) {
    UUID id = UUID.nameUUIDFromBytes(("mcpist billing " + what).getBytes(StandardCharsets.UTF_8));
    events.accept(new Event(id, "billing", null, message, null, null, Json.object()));
  }

  /**
   * Reports hours that are over. An origin that dies in the middle has not said that it has
   * reported: then another one reports them under the same identifiers, which Stripe counts once.
   */
  private void report() throws AdminProblem, StripeProblem {
    @Nullable String meter = config.meter();
    if (meter == null) {
      return;
    }
    boolean all = false;
    for (int sums = 0; sums < SUMS && !all; sums++) {
      all = transactions.run(store::addUp);
    }
    for (int reported = 0; reported < HOURS; reported += AT_ONCE) {
      List<Hour> hours = transactions.run(h -> store.take(h, AT_ONCE));
      for (Hour hour : hours) {
        report(meter, hour);
      }
      if (hours.isEmpty()) {
        return;
      }
    }
  }

  /** Throws where Stripe is away: then no other hour can be reported either. */
  private void report(String meter, Hour hour) throws AdminProblem, StripeProblem {
    try {
      if (!hour.old() || !counted(meter, hour)) {
        account.report(meter, hour.customer(), hour.calls(), hour.first(), hour.identifier());
      }
      transactions.run(h -> store.reported(h, hour));
    } catch (StripeProblem e) {
      if (e.passing()) {
        throw e;
      }
      LOG.warn("{} is not reported: {}", hour.identifier(), e.getMessage());
      transactions.run(h -> store.putOff(h, hour));
      tell(
          "hour " + hour.identifier(),
          "%d calls of %s at %s are not reported: %s"
              .formatted(hour.calls(), hour.customer(), hour.hour(), e.getMessage()));
    }
  }

  /** Whether Stripe has counted these calls beside those of which it is known. */
  private boolean counted(String meter, Hour hour) throws AdminProblem, StripeProblem {
    String customer = hour.customer();
    Instant end = hour.hour().plus(1, ChronoUnit.HOURS);
    long known = transactions.run(h -> store.reported(h, customer, hour.hour(), end));
    return account.counted(meter, customer, hour.hour(), end) >= known + hour.calls();
  }

  @Override
  public ObjectNode link(String user, String plan, String id) throws AdminProblem {
    Sold sold =
        config
            .sold(plan)
            .orElseThrow(
                () ->
                    AdminProblem.badRequest(
                        "billing in mcpist.yml sells no plan %s: %s"
                            .formatted(plan, String.join(", ", config.planNames()))));
    try {
      Optional<String> known = customer(user);
      if (known.isPresent() && transactions.run(h -> store.pays(h, user))) {
        return page(known.get()); // Another subscription would be paid besides.
      }
      for (String dispute : transactions.run(h -> store.disputes(h, user))) {
        if (account.open(dispute)) {
          throw AdminProblem.stripe(
              "This user has disputed a payment (%s): until that is decided nothing is sold"
                  .formatted(dispute));
        }
      }
      String customer = known.isPresent() ? known.get() : newCustomer(user, id);
      String url = account.checkout(customer, user, sold, "mcpist-checkout-" + id);
      return Json.object().put("url", url).put("page", "checkout").put("plan", plan);
    } catch (StripeProblem e) {
      throw AdminProblem.stripe(String.valueOf(e.getMessage()));
    }
  }

  /** The customer of a user, whom Stripe still has. */
  private Optional<String> customer(String user) throws AdminProblem, StripeProblem {
    Optional<String> known = transactions.run(h -> store.customerOf(h, user));
    while (known.isPresent() && account.deleted(known.get())) {
      String gone = known.get();
      switch (settle(gone, null)) { // Its subscriptions have gone with it.
        case Settled.Done _ -> transactions.run(h -> store.forget(h, gone));
        case Settled.Missing(List<String> plans) -> throw AdminProblem.stripe(missing(plans));
        default ->
            throw AdminProblem.stripe("Others change this customer at the same time: try again");
      }
      known = transactions.run(h -> store.customerOf(h, user));
    }
    return known;
  }

  private String newCustomer(String user, String id) throws AdminProblem, StripeProblem {
    String customer = account.createCustomer(user, "mcpist-customer-" + id);
    transactions.run(h -> store.link(h, customer, user));
    return customer;
  }

  @Override
  public ObjectNode portal(String user) throws AdminProblem {
    try {
      return page(
          customer(user).orElseThrow(() -> AdminProblem.noSuch("customer of this user at Stripe")));
    } catch (StripeProblem e) {
      throw AdminProblem.stripe(String.valueOf(e.getMessage()));
    }
  }

  private ObjectNode page(String customer) throws StripeProblem {
    return Json.object().put("url", account.portal(customer)).put("page", "portal");
  }

  @Override
  public ObjectNode check(String webhookUrl) throws AdminProblem {
    ObjectNode told = Json.object();
    var findings = told.putArray("findings");
    try {
      StripeSetup setup = new StripeSetup(StripeAccount.client(config.key(), config.api()));
      findings.addAll(setup.check(config, webhookUrl));
    } catch (StripeProblem e) {
      throw AdminProblem.stripe(String.valueOf(e.getMessage()));
    }
    List<String> missing = transactions.run(store::missingPlans);
    if (!missing.isEmpty()) {
      findings
          .addObject()
          .put("grade", "bad")
          .put("subject", "plans")
          .put("seen", "there is no plan " + String.join(", ", missing))
          .put("advice", "Make them: mcpist plans set");
    }
    return told;
  }

  @Override
  public ObjectNode reconcile(boolean fix, String after, @Nullable LocalDate month)
      throws AdminProblem {
    ObjectNode told = Json.object();
    var differences = told.putArray("differences");
    var hours = told.putArray("calls");
    List<String> customers = transactions.run(h -> store.customers(h, after, AT_ONCE));
    try {
      if (month != null && after.isEmpty()) {
        report();
      }
      for (String customer : customers) {
        Optional<Change> difference = difference(customer);
        boolean mended =
            difference.isPresent() && fix && settle(customer, null) instanceof Settled.Done;
        difference.ifPresent(
            change ->
                differences
                    .addObject()
                    .put("user", change.user())
                    .put("customer", customer)
                    .put("plan", change.before())
                    .put("byStripe", change.after())
                    .put("mended", mended));
        if (month != null && config.meter() != null) {
          counted(customer, month).ifPresent(hours::add);
        }
      }
    } catch (StripeProblem e) {
      throw AdminProblem.stripe(String.valueOf(e.getMessage()));
    }
    boolean more = customers.size() == AT_ONCE;
    return told.put("customers", customers.size()).put("next", more ? customers.getLast() : null);
  }

  /** A customer's calls of a month, here and there; empty: the same. */
  private Optional<ObjectNode> counted(String customer, LocalDate month)
      throws AdminProblem, StripeProblem {
    Instant from = month.withDayOfMonth(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    Instant end = month.withDayOfMonth(1).plusMonths(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    Instant now = clock.instant().truncatedTo(ChronoUnit.HOURS);
    Instant to = end.isBefore(now) ? end : now;
    if (!from.isBefore(to)) {
      return Optional.empty();
    }
    long here = transactions.run(h -> store.reported(h, customer, from, to));
    long there = account.counted(String.valueOf(config.meter()), customer, from, to);
    return here == there
        ? Optional.empty()
        : Optional.of(
            Json.object().put("customer", customer).put("reported", here).put("byStripe", there));
  }

  @Override
  public void close() {
    work.close();
  }
}
