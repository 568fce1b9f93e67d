package com.mcpist.deploy.platform.cloudflare;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * What a zone does with requests of programs.
 *
 * @param fightMode whether Bot Fight Mode is on, which a free zone has
 * @param actions what Super Bot Fight Mode does, by whom it takes a request to be from: allow,
 *     block or managed_challenge; nothing where the zone's plan has none
 * @param aiBots what becomes of AI companies' programs: block, disabled or only_on_ad_pages; empty
 *     where it is not told
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
