package com.mcpist.deploy.config;

import module java.base;

/** A mcpist.yml that is yet to be written, with a comment for every key. */
public record NewDeployment(Kind kind, Map<Question, String> answers) {
  /** A placeholder with ? prints nothing; its line is kept unless the answer is "false". */
  private static final Pattern PLACE = Pattern.compile(" ?\\{\\{(\\?)?([a-z-]+)}}");

  private static final String NO = "false";

  /** What it describes, and the template of that. */
  public enum Kind {
    PLATFORMS("template.yml"),
    /** A pair on this machine, which needs no answer. */
    PAIR("pair.yml");

    private final String template;

    Kind(String template) {
      this.template = template;
    }

    public List<Question> questions() {
      return Stream.of(Question.values()).filter(question -> question.isFor(this)).toList();
    }
  }

  public enum Question {
    SERVICE("mcpist", true, "The deployment's name"),
    DOMAIN("mcp.example.com", true, "The host name for clients"),
    IMAGE("ghcr.io/example/mcpist:main", true, "The image that the origins run"),
    KOYEB_APP("mcpist", false, "The app's name on Koyeb, if an origin runs there"),
    KOYEB_SERVICE(
        "8b2a91f0-6c3d-4e5f-9a7b-1c2d3e4f5a6b",
        true,
        "The service's id on Koyeb, as `koyeb services list` shows it"),
    KOYEB_URL("https://mcpist-example.koyeb.app", true, "The origin's address on Koyeb"),
    FLY_APP("mcpist-example", true, "The app's name on Fly.io"),
    FLY_MACHINES("148e21ea7d4589", false, "The origin's machines on Fly.io, separated by commas"),
    FLY_REGION("nrt", false, "The region of the machines on Fly.io"),
    FLY_IMAGE("registry.fly.io/mcpist-example", false, "The repository that Fly.io pulls from"),
    FLY_URL("https://mcpist-example.fly.dev", true, "The origin's address on Fly.io"),
    SSH_HOST(
        "deploy@home.example.com",
        false,
        "A host of your own, as ssh calls it, if an origin runs there"),
    SSH_CONTAINER("podman", false, "What runs containers on that host: podman or docker"),
    SSH_URL("https://origin.home.example.com", true, "The origin's address on that host"),
    AUTH_KEYS("true", false, "Whether clients may use API keys: true or false"),
    JWT_ISSUER(
        "https://login.example.com/",
        false,
        "The issuer of clients' tokens, or supabase for the project of SUPABASE_URL"),
    JWT_JWKS(
        "https://login.example.com/.well-known/jwks.json",
        false,
        "The address of that issuer's public keys"),
    JWT_AUDIENCE("https://mcp.example.com/mcp", false, "The audience of the tokens"),
    JWT_SCOPES("mcp", false, "The scopes that a token must have, separated by commas"),
    CLOUDFLARE_ACCOUNT(
        "0123456789abcdef0123456789abcdef",
        false,
        "The account's id on Cloudflare, if its Worker is the edge"),
    CLOUDFLARE_WORKER("mcpist", false, "The Worker's name"),
    CLOUDFLARE_LOAD_BALANCER(
        "lb.example.com", false, "The host name of Cloudflare's load balancer"),
    SUPABASE("true", false, "Whether modules need SUPABASE_URL and SUPABASE_KEY: true or false"),
    STRIPE("true", false, "Whether modules need STRIPE_SECRET_KEY: true or false"),
    STRIPE_PRICE(
        "price_1MoBy5LkdIwHu7ixZhnattbh",
        false,
        "The price of a plan at Stripe, if people pay for plans"),
    STRIPE_CALLS_PRICE(
        "price_1Nv0FGQ9RKHgCVdK8AVnWXgZ", false, "The price of its calls, if they are paid too"),
    STRIPE_RETURN_URL(
        "https://example.com/thanks",
        false,
        "Where Stripe's pages lead back to, if not to the domain"),
    WEBHOOK(
        "SLACK_WEBHOOK_URL",
        false,
        "The environment variable with the address of a Slack-compatible webhook");

    private final String sample;
    private final boolean needed;
    private final String text;

    Question(String sample, boolean needed, String text) {
      this.sample = sample;
      this.needed = needed;
      this.text = text;
    }

    public String sample() {
      return sample;
    }

    /** Whether there is no deployment without an answer, where it follows. */
    public boolean needed() {
      return needed;
    }

    public String text() {
      return text;
    }

    public boolean isFor(Kind kind) {
      return kind == Kind.PLATFORMS
          || switch (this) {
            case AUTH_KEYS, JWT_ISSUER, JWT_JWKS, JWT_AUDIENCE, JWT_SCOPES -> true;
            default -> false;
          };
    }

    public boolean follows(Map<Question, String> answers) {
      return switch (this) {
        case KOYEB_SERVICE, KOYEB_URL -> answers.containsKey(KOYEB_APP);
        case SSH_CONTAINER, SSH_URL -> answers.containsKey(SSH_HOST);
        // Where a project's keys are follows from its address.
        case JWT_JWKS ->
            answers.containsKey(JWT_ISSUER)
                && !Auth.Tokens.Supabase.WORD.equals(answers.get(JWT_ISSUER));
        case JWT_AUDIENCE, JWT_SCOPES -> answers.containsKey(JWT_ISSUER);
        case STRIPE_CALLS_PRICE, STRIPE_RETURN_URL -> answers.containsKey(STRIPE_PRICE);
        case CLOUDFLARE_WORKER, CLOUDFLARE_LOAD_BALANCER -> answers.containsKey(CLOUDFLARE_ACCOUNT);
        default -> true;
      };
    }

    /** What is meant when nothing is said, where that can be known from other answers. */
    public Optional<String> standard(Map<Question, String> answers) {
      return switch (this) {
        case SERVICE -> Optional.of(sample);
        case FLY_URL ->
            Optional.ofNullable(answers.get(FLY_APP)).map(app -> "https://" + app + ".fly.dev");
        case JWT_JWKS ->
            Optional.ofNullable(answers.get(JWT_ISSUER))
                .filter(issuer -> follows(answers))
                .map(issuer -> issuer.replaceAll("/+$", "") + "/.well-known/jwks.json");
        default -> Optional.empty();
      };
    }

    /** What is wrong with an answer, as a sentence; empty when it will do. */
    public Optional<String> problem(String answer) {
      Map<Question, String> answers = new EnumMap<>(NewDeployment.example().answers());
      answers.put(this, answer);
      boolean choice = this == SUPABASE || this == STRIPE;
      if (choice && !answer.equals("true") && !answer.equals(NO)) {
        return Optional.of("it must be true or false");
      }
      Map<Question, String> given = Map.copyOf(answers);
      answers.keySet().removeIf(question -> !question.follows(given));
      try {
        var _ = new NewDeployment(Kind.PLATFORMS, answers).text();
        return Optional.empty();
      } catch (ConfigException e) {
        return Optional.of(e.mistakes().getFirst().problem());
      }
    }

    /** As in the template, and as an option of a command: koyeb-app. */
    public String key() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  public NewDeployment {
    answers = Map.copyOf(answers);
  }

  /** The one in the documentation: each question has its example for an answer. */
  public static NewDeployment example() {
    Map<Question, String> answers = new EnumMap<>(Question.class);
    for (Question question : Question.values()) {
      answers.put(question, question.sample());
    }
    return new NewDeployment(Kind.PLATFORMS, answers);
  }

  public String text() {
    String text =
        DeploymentFile.resource(kind.template)
            .lines()
            .map(this::line)
            .collect(Collectors.joining("\n", "", "\n"));
    var _ = DeploymentFile.parse(DeploymentFile.NAME, text);
    return text;
  }

  /** A line without an answer becomes a comment that shows what it could be. */
  private String line(String line) {
    Matcher place = PLACE.matcher(line);
    if (!place.find()) {
      return line;
    }
    Question question = Question.valueOf(place.group(2).toUpperCase(Locale.ROOT).replace('-', '_'));
    boolean shown = place.group(1) == null;
    Optional<String> answer =
        Optional.ofNullable(answers.get(question)).filter(text -> shown || !text.equals(NO));
    String filled =
        shown
            ? line.replace("{{" + place.group(2) + "}}", answer.orElse(question.sample()))
            : line.substring(0, place.start());
    int indent = filled.length() - filled.stripLeading().length();
    return answer.isPresent() ? filled : " ".repeat(indent) + "# " + filled.strip();
  }
}
