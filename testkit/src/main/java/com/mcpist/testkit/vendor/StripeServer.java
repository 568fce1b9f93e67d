package com.mcpist.testkit.vendor;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Stripe's API, as far as MCPist asks it: with Stripe's sample objects where the property
 * mcpist.specs names their folder. Each request is also sent to {@link StripeMock}, where that is
 * installed. A test ends with {@link #violations}, which is empty when every request was one that
 * Stripe takes.
 */
public final class StripeServer implements AutoCloseable {
  /** The parameters of each call, as patterns of their names. */
  private static final Map<String, String> CALLS = new LinkedHashMap<>();

  static {
    CALLS.put("GET /v1/subscriptions", "customer|status|limit|starting_after");
    CALLS.put("GET /v1/subscriptions/[^/]+", "");
    CALLS.put("GET /v1/invoices", "(customer|subscription)|status|limit|starting_after");
    CALLS.put("GET /v1/customers/[^/]+", "");
    CALLS.put("POST /v1/customers", "metadata\\[mcpist_user]");
    CALLS.put("GET /v1/disputes/[^/]+", "expand\\[0]");
    CALLS.put(
        "POST /v1/checkout/sessions",
        "mode|customer|client_reference_id|success_url|cancel_url|line_items\\[\\d]\\[(price|quantity)]"
            + "|automatic_tax\\[enabled]|tax_id_collection\\[enabled]|customer_update\\[(address|name)]");
    CALLS.put("POST /v1/billing_portal/sessions", "customer|return_url");
    CALLS.put(
        "POST /v1/billing/meter_events",
        "event_name|identifier|timestamp|payload\\[(stripe_customer_id|value)]");
    CALLS.put("GET /v1/billing/meters", "status|limit|starting_after");
    CALLS.put(
        "GET /v1/billing/meters/[^/]+/event_summaries",
        "customer|start_time|end_time|limit|starting_after");
    CALLS.put("GET /v1/prices/[^/]+", "");
    CALLS.put("GET /v1/prices", "lookup_keys\\[\\d]|active|limit");
    CALLS.put("POST /v1/products", "name|metadata\\[mcpist_plan]");
    CALLS.put("POST /v1/prices", "product|currency|unit_amount|lookup_key|recurring\\[interval]");
    CALLS.put("GET /v1/webhook_endpoints", "limit|starting_after");
    CALLS.put("POST /v1/webhook_endpoints", "url|description|enabled_events\\[\\d+]");
  }

  private final FaultServer server = FaultServer.start();
  private final Set<String> keys = new CopyOnWriteArraySet<>();
  private final @Nullable ObjectNode samples = samples();
  private final @Nullable StripeMock mock = StripeMock.start().orElse(null);
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, ObjectNode> objects = new LinkedHashMap<>();
  private final Map<String, Kept> kept = new LinkedHashMap<>();
  private final Set<String> identifiers = new HashSet<>();
  private final AtomicInteger number = new AtomicInteger();
  private final List<String> violations = new CopyOnWriteArrayList<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final AtomicInteger mocked = new AtomicInteger();
  private volatile @Nullable Behaviour next;
  private volatile Function<HttpMessage, @Nullable Behaviour> instead = _ -> null;
  private volatile @Nullable Held held;

  private record Kept(String request, Reply reply) {}

  private StripeServer(String key) {
    keys.add(key);
    server.handle(this::behaviour);
  }

  /** With an account that has this secret key. */
  public static StripeServer start(String key) {
    return new StripeServer(key);
  }

  public URI url() {
    return URI.create(server.url());
  }

  /** Takes this key too. */
  public void addKey(String key) {
    keys.add(key);
  }

  /** Takes this key no more. */
  public void removeKey(String key) {
    keys.remove(key);
  }

  /** Does that with the next request instead of answering it. */
  public void fail(Behaviour behaviour) {
    next = behaviour;
  }

  /** Does that with each request for which there is something, until told otherwise. */
  public void instead(Function<HttpMessage, @Nullable Behaviour> behaviour) {
    instead = behaviour;
  }

  /** A request whose answer is as of now, and comes late. */
  public static final class Held {
    private final String call;
    private final CountDownLatch answered = new CountDownLatch(1);
    private final CountDownLatch sent = new CountDownLatch(1);

    private Held(String call) {
      this.call = call;
    }

    /** Waits until the request is there. */
    public void await() {
      awaitIt(answered);
    }

    /** Has its answer sent. */
    public void release() {
      sent.countDown();
    }

    private static void awaitIt(CountDownLatch latch) {
      try {
        if (!latch.await(1, TimeUnit.MINUTES)) {
          throw new AssertionError("nothing happens");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }

  /** Holds the answer to the next such request back. */
  public Held hold(String call) {
    Held next = new Held(call);
    held = next;
    return next;
  }

  public List<String> violations() {
    return List.copyOf(violations);
  }

  /** How many requests were sent to stripe-mock too. */
  public int mocked() {
    return mocked.get();
  }

  /** Method and path of every request, in order. */
  public List<String> calls() {
    return List.copyOf(calls);
  }

  @Override
  public void close() throws IOException {
    server.close();
    if (mock != null) {
      mock.close();
    }
  }

  private static @Nullable ObjectNode samples() {
    String folder = System.getProperty("mcpist.specs", "");
    if (folder.isEmpty()) {
      return null;
    }
    try {
      String json = Files.readString(Path.of(folder, "stripe.fixtures.json"));
      return (ObjectNode) JsonMapper.shared().readTree(json).path("resources");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A sample of Stripe's, or, where there is none, as much of it as everybody knows. */
  private ObjectNode sample(String kind, String id) {
    ObjectNode object =
        samples != null && samples.path(kind) instanceof ObjectNode known
            ? known.deepCopy()
            : Reply.object().put("object", kind);
    return object.put("id", id).put("livemode", true);
  }

  private String id(String prefix) {
    return prefix + "_" + number.incrementAndGet();
  }

  /** Makes a customer, as somebody in the Dashboard does; of that user, unless it is empty. */
  public String customer(String user) {
    return locked(
        () -> {
          String id = id("cus");
          ObjectNode customer = sample("customer", id);
          ObjectNode metadata = customer.putObject("metadata");
          if (!user.isEmpty()) {
            metadata.put("mcpist_user", user);
          }
          objects.put(id, customer);
          return id;
        });
  }

  public void deleteCustomer(String id) {
    locked(
        () -> {
          objects.values().removeIf(each -> id.equals(each.path("customer").asString("")));
          objects.put(
              id, Reply.object().put("id", id).put("object", "customer").put("deleted", true));
          return id;
        });
  }

  /** From now on a customer is unknown, as to the key of another account, or known again. */
  public void hide(String customer, boolean hidden) {
    locked(
        () -> {
          String other = "hidden " + customer;
          objects.put(hidden ? other : customer, objects.remove(hidden ? customer : other));
          return customer;
        });
  }

  /** Makes a subscription with these prices. */
  public String subscribe(String customer, String status, String... prices) {
    return locked(
        () -> {
          String id = id("sub");
          ObjectNode subscription = sample("subscription", id);
          subscription.put("customer", customer).put("status", status);
          objects.put(id, subscription);
          price(id, prices);
          return id;
        });
  }

  /** Gives a subscription other prices. */
  public void price(String subscription, String... prices) {
    locked(
        () -> {
          ObjectNode items = object(subscription).putObject("items").put("object", "list");
          items.put("has_more", false).put("url", "/v1/subscription_items");
          var data = items.putArray("data");
          for (String price : prices) {
            ObjectNode item = sample("subscription_item", id("si"));
            item.put("subscription", subscription);
            item.set("price", sample("price", price));
            data.add(item);
          }
          return subscription;
        });
  }

  public void status(String subscription, String status) {
    locked(() -> object(subscription).put("status", status));
  }

  /** Makes an invoice of a subscription that is open since then. */
  public String openInvoice(String subscription, Instant since) {
    return locked(
        () -> {
          String id = id("in");
          ObjectNode invoice = sample("invoice", id).put("status", "open");
          invoice.put("created", since.getEpochSecond()).put("subscription", subscription);
          invoice.putNull("due_date"); // Of one that goes by mail.
          invoice.put("customer", object(subscription).path("customer").asString());
          objects.put(id, invoice);
          return id;
        });
  }

  /** Changes an object. */
  public void change(String id, Consumer<ObjectNode> change) {
    locked(
        () -> {
          change.accept(object(id));
          return id;
        });
  }

  public void pay(String invoice) {
    locked(
        () -> {
          ObjectNode paid = object(invoice).put("status", "paid").put("amount_paid", 1500);
          paid.putObject("status_transitions").put("paid_at", Instant.now().getEpochSecond());
          return paid;
        });
  }

  /** Makes a dispute about a charge of a customer, since yesterday. */
  public String dispute(String customer, String status) {
    return locked(
        () -> {
          String charge = id("ch");
          objects.put(charge, sample("charge", charge).put("customer", customer));
          String id = id("dp");
          ObjectNode dispute = sample("dispute", id).put("charge", charge).put("status", status);
          dispute.put("created", Instant.now().minus(Duration.ofDays(1)).getEpochSecond());
          objects.put(id, dispute);
          return id;
        });
  }

  /** Makes a price, as the Dashboard does. */
  public void addPrice(String id, Consumer<ObjectNode> change) {
    locked(
        () -> {
          ObjectNode price = sample("price", id).put("active", true).put("currency", "usd");
          price.putObject("recurring").put("interval", "month").put("usage_type", "licensed");
          change.accept(price);
          objects.put(id, price);
          return id;
        });
  }

  /** Forgets identifiers of meter events, as Stripe does after a day or more. */
  public void forgetIdentifiers() {
    locked(
        () -> {
          identifiers.clear();
          return identifiers;
        });
  }

  /** How many calls each customer was reported. */
  public Map<String, Long> reported() {
    return locked(
        () ->
            objects.values().stream()
                .filter(each -> each.path("object").asString("").equals("billing.meter_event"))
                .collect(
                    Collectors.groupingBy(
                        each -> each.at("/payload/stripe_customer_id").asString(),
                        Collectors.summingLong(
                            each -> Long.parseLong(each.at("/payload/value").asString())))));
  }

  /** An event of an object as it is now. */
  public String event(String type, String object) {
    return event(type, object, _ -> {});
  }

  /** The same, with something changed. */
  public String event(String type, String object, Consumer<ObjectNode> change) {
    return locked(
        () -> {
          ObjectNode event = sample("event", id("evt")).put("object", "event").put("type", type);
          event.put("created", Instant.now().getEpochSecond());
          event.putObject("data").set("object", object(object).deepCopy());
          change.accept(event);
          return event.toString();
        });
  }

  /** A paid Checkout of a user. */
  public String paid(String user, String customer, String subscription) {
    return locked(
        () -> {
          String id = id("cs");
          ObjectNode session = sample("checkout.session", id);
          session.put("client_reference_id", user).put("customer", customer);
          session.put("subscription", subscription).put("mode", "subscription");
          objects.put(id, session);
          return event("checkout.session.completed", id);
        });
  }

  /** The header Stripe-Signature: while a secret is rolled there are two. */
  public static String signature(String body, Instant at, String... secrets) {
    StringBuilder header = new StringBuilder("t=" + at.getEpochSecond());
    try {
      for (String secret : secrets) {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        byte[] signed = (at.getEpochSecond() + "." + body).getBytes(StandardCharsets.UTF_8);
        header.append(",v1=").append(HexFormat.of().formatHex(mac.doFinal(signed)));
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    return header.toString();
  }

  private ObjectNode object(String id) {
    ObjectNode object = objects.get(id);
    if (object == null) {
      throw new IllegalArgumentException("no " + id);
    }
    return object;
  }

  private interface Work<T> {
    T run();
  }

  private <T> T locked(Work<T> work) {
    lock.lock();
    try {
      return work.run();
    } finally {
      lock.unlock();
    }
  }

  private Behaviour behaviour(HttpMessage message) {
    String[] target = message.target().split("\\?", 2);
    String call = message.method() + " " + target[0];
    calls.add(call);
    Behaviour once = next;
    if (once != null) {
      next = null;
      return once;
    }
    Behaviour always = instead.apply(message);
    if (always != null) {
      return always;
    }
    Map<String, String> parameters =
        parameters(
            message.method().equals("GET") ? (target.length > 1 ? target[1] : "") : message.text());
    List<String> problems = problems(message, call, parameters);
    problems.forEach(problem -> violations.add(call + ": " + problem));
    if (mock != null && problems.isEmpty()) {
      mocked.incrementAndGet();
      mock.problem(message)
          .ifPresent(problem -> violations.add(call + ": stripe-mock: " + problem));
    }
    Behaviour answer = locked(() -> reply(message, call, parameters).answer());
    Held late = held;
    if (late != null && late.call.equals(call)) {
      held = null;
      late.answered.countDown();
      Held.awaitIt(late.sent);
    }
    return answer;
  }

  private static List<String> problems(
      HttpMessage message, String call, Map<String, String> parameters) {
    List<String> problems = new ArrayList<>();
    Optional<String> known =
        CALLS.keySet().stream().filter(call::matches).findFirst().map(CALLS::get);
    if (known.isEmpty()) {
      return List.of("MCPist is not known to ask this");
    }
    Pattern names = Pattern.compile(known.get());
    parameters.keySet().stream()
        .filter(name -> !names.matcher(name).matches())
        .forEach(name -> problems.add("an unknown parameter " + name));
    if (!message.header("Stripe-Version").orElse("").matches("\\d{4}-\\d\\d-\\d\\d\\.[a-z]+")) {
      problems.add("no Stripe-Version");
    }
    if (message.method().equals("POST")) {
      String type = message.header("Content-Type").orElse("");
      if (!type.matches("application/x-www-form-urlencoded(; *charset=UTF-8)?")) {
        problems.add("the body is no form: " + type);
      }
      if (message.header("Idempotency-Key").filter(k -> !k.isEmpty()).isEmpty()) {
        problems.add("no Idempotency-Key");
      }
    } else if (message.body().length > 0) {
      problems.add("a body");
    }
    return problems;
  }

  private static Map<String, String> parameters(String form) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String pair : form.isEmpty() ? new String[0] : form.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      parameters.put(decode(parts[0]), decode(parts[1]));
    }
    return parameters;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private Reply reply(HttpMessage message, String call, Map<String, String> parameters) {
    String shown = message.header("Authorization").orElse("").replaceFirst("^Bearer ", "");
    if (!keys.contains(shown)) {
      return error(401, "", "Invalid API Key provided");
    }
    if (message.method().equals("GET")) {
      return read(call.substring(4), parameters);
    }
    String key = message.header("Idempotency-Key").orElse("");
    Kept before = kept.get(key);
    if (before != null) {
      return before.request().equals(call + message.text())
          ? before.reply()
          : error(400, "idempotency_error", "Keys for idempotent requests can only be used again");
    }
    Reply reply = make(call.substring(5), parameters);
    if (reply.status() < 500) {
      kept.put(key, new Kept(call + message.text(), reply));
    }
    return reply;
  }

  private static Reply error(int status, String code, String message) {
    ObjectNode body = Reply.object();
    body.putObject("error")
        .put("type", code.equals("idempotency_error") ? code : "invalid_request_error")
        .put("code", code)
        .put("message", message);
    return Reply.of(status, body).with("Request-Id", "req_standin");
  }

  private static Reply missing(String what) {
    return error(404, "resource_missing", "No such " + what);
  }

  private Reply read(String path, Map<String, String> parameters) {
    String last = path.substring(path.lastIndexOf('/') + 1);
    return switch (path.split("/", -1)[2]) {
      case "subscriptions" -> {
        if (!path.endsWith("/subscriptions")) {
          yield one(last);
        }
        yield isThere(parameters.get("customer"))
            ? list(path, "subscription", "customer", parameters)
            : missing("customer");
      }
      case "invoices" ->
          list(
              path,
              "invoice",
              parameters.containsKey("customer") ? "customer" : "subscription",
              parameters);
      case "webhook_endpoints" -> list(path, "webhook_endpoint", "", parameters);
      case "prices" -> path.endsWith("/prices") ? byLookupKey(path, parameters) : one(last);
      case "disputes" -> {
        Reply found = one(last);
        ObjectNode dispute = ((ObjectNode) found.body()).deepCopy();
        if (found.status() == 200 && parameters.containsKey("expand[0]")) {
          dispute.set("charge", object(dispute.path("charge").asString()));
        }
        yield Reply.of(found.status(), dispute);
      }
      case "billing" -> meters(path, parameters);
      default -> one(last);
    };
  }

  private ObjectNode known(@Nullable String id) {
    ObjectNode found = id == null ? null : objects.get(id);
    return found == null ? Reply.object() : found;
  }

  private boolean isThere(@Nullable String customer) {
    ObjectNode known = known(customer);
    return !known.isEmpty() && !known.path("deleted").asBoolean(false);
  }

  private Reply one(String id) {
    ObjectNode object = objects.get(id);
    return object == null ? missing(id) : Reply.ok(object);
  }

  private Reply list(String path, String kind, String by, Map<String, String> parameters) {
    return list(
        path,
        objects.values().stream()
            .filter(each -> each.path("object").asString("").equals(kind))
            .filter(
                each ->
                    by.isEmpty()
                        || each.path(by).asString("").equals(parameters.getOrDefault(by, "")))
            .filter(
                each -> {
                  String wanted = parameters.getOrDefault("status", "all");
                  return wanted.equals("all") || wanted.equals(each.path("status").asString(""));
                })
            .toList());
  }

  private static Reply list(String path, List<ObjectNode> data) {
    ObjectNode list = Reply.object().put("object", "list").put("url", path).put("has_more", false);
    list.putArray("data").addAll(data);
    return Reply.ok(list);
  }

  private Reply byLookupKey(String path, Map<String, String> parameters) {
    String key = parameters.getOrDefault("lookup_keys[0]", "");
    return list(
        path,
        objects.values().stream()
            .filter(each -> each.path("lookup_key").asString("").equals(key))
            .toList());
  }

  private Reply meters(String path, Map<String, String> parameters) {
    if (path.endsWith("/meters")) {
      return list(
          path,
          List.of(
              sample("billing.meter", "mtr_1")
                  .put("event_name", "mcpist_calls")
                  .put("status", "active")));
    }
    String customer = parameters.getOrDefault("customer", "");
    long from = Long.parseLong(parameters.getOrDefault("start_time", "0"));
    long to = Long.parseLong(parameters.getOrDefault("end_time", "0"));
    long sum =
        objects.values().stream()
            .filter(each -> each.path("object").asString("").equals("billing.meter_event"))
            .filter(each -> each.at("/payload/stripe_customer_id").asString("").equals(customer))
            .filter(each -> each.path("timestamp").asLong() >= from)
            .filter(each -> each.path("timestamp").asLong() < to)
            .mapToLong(each -> Long.parseLong(each.at("/payload/value").asString()))
            .sum();
    ObjectNode summary = sample("billing.meter_event_summary", "sum_1");
    return list(path, sum == 0 ? List.of() : List.of(summary.put("aggregated_value", sum)));
  }

  private Reply make(String path, Map<String, String> parameters) {
    return switch (path) {
      case "/v1/customers" -> {
        String id = customer(parameters.getOrDefault("metadata[mcpist_user]", ""));
        yield one(id);
      }
      case "/v1/checkout/sessions" -> {
        String id = id("cs");
        ObjectNode session = sample("checkout.session", id);
        parameters.forEach(session::put);
        objects.put(id, session.put("url", "https://checkout.example.com/" + id));
        yield Reply.ok(session);
      }
      case "/v1/billing_portal/sessions" -> {
        String id = id("bps");
        yield Reply.ok(
            sample("billing_portal.session", id).put("url", "https://portal.example.com/" + id));
      }
      case "/v1/billing/meter_events" -> meterEvent(parameters);
      case "/v1/products" -> made("product", "prod", parameters);
      case "/v1/prices" -> {
        Reply made = made("price", "price", parameters);
        ((ObjectNode) made.body())
            .put("unit_amount", Long.parseLong(parameters.getOrDefault("unit_amount", "0")));
        yield made;
      }
      default -> {
        Reply made = made("webhook_endpoint", "we", parameters);
        ObjectNode endpoint = (ObjectNode) made.body();
        var events = endpoint.putArray("enabled_events");
        parameters.forEach(
            (name, value) -> {
              if (name.startsWith("enabled_events")) {
                events.add(value);
              }
            });
        endpoint.put("status", "enabled");
        yield Reply.ok(endpoint.deepCopy().put("secret", "whsec_" + "s".repeat(32)));
      }
    };
  }

  private Reply made(String kind, String prefix, Map<String, String> parameters) {
    String id = id(prefix);
    ObjectNode object = sample(kind, id);
    parameters.forEach(
        (name, value) -> {
          if (!name.contains("[")) {
            object.put(name, value);
          }
        });
    objects.put(id, object);
    return Reply.ok(object);
  }

  private Reply meterEvent(Map<String, String> parameters) {
    String identifier = parameters.getOrDefault("identifier", "");
    if (!identifiers.add(identifier)) {
      String told = "An event already exists with identifier " + identifier;
      return error(400, "", told);
    }
    ObjectNode event = sample("billing.meter_event", identifier);
    event.put("object", "billing.meter_event");
    event.put("timestamp", Long.parseLong(parameters.getOrDefault("timestamp", "0")));
    event
        .putObject("payload")
        .put("stripe_customer_id", parameters.get("payload[stripe_customer_id]"))
        .put("value", parameters.get("payload[value]"));
    // One that was forgotten meanwhile counts besides.
    objects.put(objects.containsKey(identifier) ? id(identifier) : identifier, event);
    return Reply.ok(event);
  }

  /** An object as it is now, for a test that looks at it. */
  public JsonNode look(String id) {
    return locked(() -> object(id).deepCopy());
  }
}
