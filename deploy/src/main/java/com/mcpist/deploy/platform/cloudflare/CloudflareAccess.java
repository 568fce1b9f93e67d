package com.mcpist.deploy.platform.cloudflare;

import module java.base;

import com.mcpist.deploy.http.ApiClient.Answer;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.VendorCalls;
import com.mcpist.deploy.platform.VendorCalls.ApiErrors;
import com.mcpist.deploy.platform.VendorCalls.ApiErrors.Known;
import com.mcpist.deploy.platform.VendorCalls.Token;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import tools.jackson.databind.JsonNode;

public record CloudflareAccess(String account, VendorCalls calls) {
  public static final String NAME = "cloudflare";
  public static final String TOKEN = "CLOUDFLARE_API_TOKEN";

  /** The variable that holds the id of the domain's zone. */
  public static final String ZONE = "CLOUDFLARE_ZONE_ID";

  public static final URI API = URI.create("https://api.cloudflare.com/client/v4");

  /** The error code for a version that would bring back secrets other than those stored now. */
  static final int SECRETS_CHANGED = 10220;

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(60);

  private static final Map<Integer, Known> KNOWN =
      Map.of(
          6003,
          new Known(Kind.UNAUTHORIZED, "Check " + TOKEN + ": it is no API token of Cloudflare's"),
          7003,
          new Known(Kind.NOT_FOUND, "Check account under cloudflare in mcpist.yml, and " + ZONE),
          10007,
          new Known(
              Kind.NOT_FOUND,
              "Check account and worker under cloudflare in mcpist.yml; `mcpist deploy --worker`"
                  + " makes the Worker where there is none"),
          10021,
          new Known(
              Kind.REJECTED, "The bundle does not run there. Build it again: worker/build.sh"),
          10215,
          new Known(
              Kind.CONFLICT,
              "Secrets go to the Worker's latest version, and another one is deployed: bring the"
                  + " latest out first (`mcpist deploy --worker`), and run it again"),
          SECRETS_CHANGED,
          new Known(
              Kind.CONFLICT,
              "That version would come back with the secrets that it had. With --force it does;"
                  + " store the secrets again after the next deployment"));

  public static CloudflareAccess of(
      String account, URI url, Map<String, String> environment, Time time) {
    Token token = Token.fromEnvironment(NAME, environment, TOKEN, value -> "Bearer " + value);
    ApiErrors errors = new ApiErrors(NAME, TOKEN, "account and worker", KNOWN);
    return new CloudflareAccess(account, VendorCalls.of(url, token, errors, CALL_TIMEOUT, time));
  }

  /** Reads what is checked before anything is deployed: token, zone, namespace. Changes nothing. */
  public record CloudflareAccount(CloudflareAccess access) {
    /**
     * What a zone does with requests of programs.
     *
     * @param actions the action of Super Bot Fight Mode (allow, block or managed_challenge) by the
     *     kind of program that a request seems to come from; empty if the zone's plan has none
     * @param aiBots the action for AI companies' programs: block, disabled or only_on_ad_pages;
     *     empty if Cloudflare does not tell it
     */
    public record BotRules(boolean fightMode, Map<String, String> actions, String aiBots) {
      private static final Map<String, String> KINDS =
          Map.of(
              "sbfm_definitely_automated",
              "definitely automated",
              "sbfm_likely_automated",
              "likely automated",
              "sbfm_verified_bots",
              "verified bots");

      static BotRules of(JsonNode json) {
        Map<String, String> actions = new TreeMap<>();
        KINDS.forEach(
            (key, kind) -> {
              if (json.path(key).isString()) {
                actions.put(kind, json.path(key).asString());
              }
            });
        return new BotRules(
            json.path("fight_mode").asBoolean(false),
            actions,
            json.path("ai_bots_protection").asString(""));
      }
    }

    /**
     * The state of a token, which is active, disabled or expired. {@code ends} is empty if the
     * token does not expire.
     */
    public record OwnToken(String state, Optional<Instant> ends) {}

    /**
     * Verifies the token. A user's token and an account's token are verified at different paths.
     */
    public OwnToken token(Deadline deadline) throws InterruptedException {
      Call users = Call.get("verify the token", "/user/tokens/verify");
      Answer answer = access.calls().answer(users.accepting(401).accepting(403), deadline);
      if (answer.status() / 100 != 2) {
        String path = "/accounts/" + Call.segment(access.account()) + "/tokens/verify";
        answer = access.calls().answer(Call.get("verify the token", path), deadline);
      }
      JsonNode token = answer.body().path("result");
      return new OwnToken(
          token.path("status").asString("unknown"),
          token.path("expires_on").asStringOpt().map(Instant::parse));
    }

    public String zoneName(String zone, Deadline deadline) throws InterruptedException {
      Call call = Call.get("get zone " + zone, "/zones/" + Call.segment(zone));
      return access.calls().read(call, deadline).path("result").path("name").asString("");
    }

    /**
     * Returns a setting of the zone. The setting {@code ssl}, for example, is how Cloudflare
     * connects to the origins: off, flexible, full, strict or origin_pull. Returns empty if the
     * token may not read it.
     */
    public Optional<String> setting(String zone, String id, Deadline deadline)
        throws InterruptedException {
      return readable("get the zone's setting " + id, zone, "/settings/" + id, deadline)
          .map(result -> result.path("value").asString("unknown"));
    }

    /** Returns the zone's bot rules, or empty if the token may not read them. */
    public Optional<BotRules> botRules(String zone, Deadline deadline) throws InterruptedException {
      return readable("get the zone's bot rules", zone, "/bot_management", deadline)
          .map(BotRules::of);
    }

    private Optional<JsonNode> readable(String name, String zone, String path, Deadline deadline)
        throws InterruptedException {
      Call call =
          Call.get(name, "/zones/" + Call.segment(zone) + path).accepting(401).accepting(403);
      Answer answer = access.calls().answer(call, deadline);
      return answer.status() / 100 == 2
          ? Optional.of(answer.body().path("result"))
          : Optional.empty();
    }

    public Optional<String> namespace(String title, Deadline deadline) throws InterruptedException {
      return new WorkersApi(access, "").namespace(title, deadline);
    }
  }
}
