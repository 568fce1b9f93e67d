import type { Edge } from "../edge";
import { ownHeaders } from "../wire/security-headers";
import { knownTo } from "./known";

// The edge's own HTML: for who has to sign in, and where no origin answers.

export type Language = "en" | "ja";

const TEXTS = {
  en: {
    title: "MCPist status",
    signIn: "Sign in",
    token: "Admin token",
    wrong: "This is not the admin token.",
    noOrigin: "No origin answers",
    noPage: "No origin renders this page",
    again: "This page asks again every 5 seconds.",
    origins: "Origins",
    origin: "Origin",
    state: "State",
    lastFailure: "Last failure",
    healthy: "healthy",
    suspect: "suspect",
    unhealthy: "unhealthy",
    drained: "drained",
    up: "Up",
    down: "Down",
  },
  ja: {
    title: "MCPistの状態",
    signIn: "サインイン",
    token: "管理者トークン",
    wrong: "管理者トークンが違います。",
    noOrigin: "応答するオリジンがありません",
    noPage: "このページを生成するオリジンがありません",
    again: "このページは5秒ごとに再確認します。",
    origins: "オリジン一覧",
    origin: "オリジン",
    state: "状態",
    lastFailure: "直近の障害",
    healthy: "正常",
    suspect: "要確認",
    unhealthy: "異常",
    drained: "切り離し中",
    up: "稼働中",
    down: "停止中",
  },
} as const;

const STYLE =
  "body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:40rem;padding:0 1rem}" +
  "button,input,label{font:inherit}table{border-collapse:collapse;width:100%}" +
  "caption,td,th{text-align:left}td,th{overflow-wrap:anywhere;padding:.25rem .5rem .25rem 0}";

/** The one of the two that a browser prefers. */
export function languageOf(accepted: string | null): Language {
  const [best] = (accepted ?? "")
    .toLowerCase()
    .split(",")
    .map((range) => /^\s*(en|ja)(?:-[^;]*)?(?:;\s*q=([\d.]+))?\s*$/.exec(range) ?? [])
    .map(([, tag, weight = "1"]) => ({ tag, weight: Number(weight) }))
    .filter(({ tag, weight }) => tag !== undefined && weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return best?.tag === "ja" ? "ja" : "en";
}

/** The form that asks for the admin token. */
export async function signInForm(language: Language, wrong: boolean): Promise<Response> {
  const { title, token, signIn, wrong: not } = TEXTS[language];
  const main =
    `<h1>${title}</h1>${wrong ? `<p role="alert">${not}</p>` : ""}` +
    `<form method="post" action="/status/sign-in"><p><label for="token">${token}</label> ` +
    `<input id="token" name="token" type="password" autocomplete="current-password" required> ` +
    `<button>${signIn}</button></p></form>`;
  return await document(401, language, main);
}

/** Instead of an origin's page. */
export async function ownPage(language: Language, edge: Edge): Promise<Response> {
  const refresh = '<meta http-equiv="refresh" content="5">';
  return await document(200, language, ownMain(language, edge), refresh);
}

/** Its main part: which origins do not answer. */
export function ownMain(language: Language, edge: Edge): string {
  const texts = TEXTS[language];
  const rows = knownTo(edge).origins.map(({ name, state, lastFailure: last }) => {
    const failure = last === null ? "-" : `${escaped(last.reason)}, ${time(last.at)}`;
    return `<tr><th scope="row">${escaped(name)}</th><td>${texts[state]}</td><td>${failure}</td></tr>`;
  });
  const heads = [texts.origin, texts.state, texts.lastFailure];
  return (
    `<h1>${isWell(edge) ? texts.noPage : texts.noOrigin}</h1><p>${texts.again}</p>` +
    `<table><caption>${texts.origins}</caption>` +
    `<tr>${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr>${rows.join("")}</table>`
  );
}

/** Instead of an origin's page for everybody. */
export async function ownPublicPage(language: Language, edge: Edge): Promise<Response> {
  const { title, up, down } = TEXTS[language];
  const main = `<h1>${title}</h1><p>${isWell(edge) ? up : down}</p>`;
  return await document(200, language, main);
}

/** Whether calls are answered: origins may be well and render nothing. */
function isWell({ pool }: Edge): boolean {
  return pool.choose(new Set()) !== null;
}

async function document(
  status: number,
  language: Language,
  main: string,
  meta = "",
): Promise<Response> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(STYLE));
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
  const html =
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8">` +
    `<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">` +
    `${meta}<title>${TEXTS[language].title}</title><style>${STYLE}</style></head>` +
    `<body><main>${main}</main></body></html>`;
  const headers = ownHeaders({
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  });
  return new Response(html, { status, headers });
}

function time(iso: string): string {
  return `<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")} UTC</time>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
