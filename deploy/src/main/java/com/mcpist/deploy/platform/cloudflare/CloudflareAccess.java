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

  /** The variable with the id of the zone that the domain is in. */
  public static final String ZONE = "CLOUDFLARE_ZONE_ID";

  public static final URI API = URI.create("https://api.cloudflare.com/client/v4");

  /** What says that a version would bring back other secrets than are stored now. */
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

  /** What is looked at before anything is deployed: token, zone, namespace. It changes nothing. */
  public record CloudflareAccount(CloudflareAccess access) {
    /**
     * What a zone does with requests of programs.
     *
     * @param actions what Super Bot Fight Mode does, by whom it takes a request to be from: allow,
     *     block or managed_challenge; nothing where the zone's plan has none
     * @param aiBots what becomes of AI companies' programs: block, disabled or only_on_ad_pages;
     *     empty where it is not told
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

    /** The state is active, disabled or expired; without an end, it has none. */
    public record OwnToken(String state, Optional<Instant> ends) {}

    /** A user's token and the account's have places of their own. */
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
     * Of {@code ssl}, how Cloudflare goes on to the origins: off, flexible, full, strict or
     * origin_pull; empty where the token may not read it.
     */
    public Optional<String> setting(String zone, String id, Deadline deadline)
        throws InterruptedException {
      return readable("get the zone's setting " + id, zone, "/settings/" + id, deadline)
          .map(result -> result.path("value").asString("unknown"));
    }

    /** Empty where the token may not read it. */
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
