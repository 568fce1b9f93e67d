package com.mcpist.edge.status;

import java.util.List;
import java.util.Locale;
import java.util.Locale.LanguageRange;
import org.jspecify.annotations.Nullable;

/** The languages that pages are in. */
enum Language {
  EN,
  JA;

  private static final List<Locale> ALL = List.of(Locale.ENGLISH, Locale.JAPANESE);

  /**
   * The length of the longest Accept-Language header that is read. A longer header is not worth the
   * time of its reading.
   */
  private static final int MAX_HEADER = 256;

  /**
   * Returns the language that an Accept-Language header prefers; English if the header is absent or
   * cannot be read.
   */
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

  /** Returns the language's name in HTML and in JSON. */
  String tag() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The texts of the edge's own pages. */
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
