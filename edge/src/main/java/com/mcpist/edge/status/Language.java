package com.mcpist.edge.status;

import java.util.List;
import java.util.Locale;
import java.util.Locale.LanguageRange;
import org.jspecify.annotations.Nullable;

/** One that pages are in. */
enum Language {
  EN,
  JA;

  private static final List<Locale> ALL = List.of(Locale.ENGLISH, Locale.JAPANESE);

  /** A longer one is not worth the time that its reading would take. */
  private static final int MAX_HEADER = 256;

  /** By an Accept-Language header. */
  static Language accepted(@Nullable String header) {
    if (header == null || header.length() > MAX_HEADER) {
      return EN;
    }
    try {
      return Locale.JAPANESE.equals(Locale.lookup(LanguageRange.parse(header), ALL)) ? JA : EN;
    } catch (IllegalArgumentException _) {
      return EN;
    }
  }

  /** As in HTML and in JSON. */
  String tag() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What the edge's own pages say. */
  enum Text {
    TITLE("MCPist status", "MCPistの状態"),
    SIGN_IN("Sign in", "サインイン"),
    TOKEN("Admin token", "管理者トークン"),
    WRONG("This is not the admin token.", "管理者トークンが違います。"),
    NO_ORIGIN("No origin answers", "応答するオリジンがありません"),
    NO_PAGE("No origin renders this page", "このページを生成するオリジンがありません"),
    AGAIN("This page asks again every 5 seconds.", "このページは5秒ごとに再確認します。"),
    ORIGINS("Origins", "オリジン一覧"),
    ORIGIN("Origin", "オリジン"),
    STATE("State", "状態"),
    LAST_FAILURE("Last failure", "直近の障害"),
    HEALTHY("healthy", "正常"),
    SUSPECT("suspect", "要確認"),
    UNHEALTHY("unhealthy", "異常"),
    DRAINED("drained", "切り離し中"),
    UP("Up", "稼働中"),
    DOWN("Down", "停止中");

    private final String english;
    private final String japanese;

    Text(String english, String japanese) {
      this.english = english;
      this.japanese = japanese;
    }

    String in(Language language) {
      return switch (language) {
        case EN -> english;
        case JA -> japanese;
      };
    }
  }
}
