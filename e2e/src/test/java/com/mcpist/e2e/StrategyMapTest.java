package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.Markdown.Section;
import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The map of the deployment strategy leads from each of the strategy's statements to what does it,
 * and to each document.
 */
class StrategyMapTest {

  private static final String ENGLISH = "docs/deployment-strategy.md";
  private static final String JAPANESE = "docs/ja/deployment-strategy.md";

  // The strategy's headings, and what it names below each, in English and Japanese where they
  // differ.
  private static final String STRATEGY =
      """
      # Overview / 概要
      hot standby / ホットスタンバイ
      CI/CD
      secrets / シークレット
      dsn-infrastructure.md
      dsn-load-management.md
      # Hot standby and simultaneous deployment / ホットスタンバイ + 同時デプロイ
      # Concept / 概念
      Primary (Koyeb)
      Standby (Fly.io)
      always running / 常時稼働
      same database / 同一DB
      always active / 常にアクティブ
      # Deployment strategy / デプロイ戦略
      stateless / ステートレス
      old and new / 新旧
      GitHub push → Koyeb and Fly.io / GitHub Push → KoyebとFly.io
      some minutes / 数分間
      users do not notice / ユーザーは気づかない
      stays effective / 常に有効
      # Why mixed versions are safe / なぜ混在しても問題ないか
      1. stateless / 1. ステートレス
      2. same database / 2. 同一DB
      3. backward compatible / 3. 後方互換
      # Rollback / ロールバック
      `git revert`
      exclude one side at Cloudflare / Cloudflareで片方を一時的に除外
      repair / 修正
      # How staging differs / ステージングとの違い
      Primary/Standby
      Phase 1 ○
      Staging:
      Phase 1 needs no staging / Phase 1ではStagingは不要
      # CI/CD
      # GitHub Actions
      `name: Deploy`
      `on: push`
      `branches: [main]`
      `deploy-koyeb`
      `deploy-flyio`
      `superfly/flyctl-actions/setup-flyctl@master`
      `flyctl deploy --remote-only`
      `FLY_API_TOKEN`
      `runs-on: ubuntu-latest`
      `actions/checkout@v4`
      # One Docker image / 同一Dockerイメージ
      same image / 同一イメージ
      `golang:1.22-alpine`
      `WORKDIR /app`
      `COPY . .`
      `go build -o server ./cmd/server`
      `alpine:latest`
      `COPY --from=builder`
      `CMD ["/server"]`
      only environment variables / 環境変数のみ
      # Secrets / シークレット管理
      # Policy / 方針
      Single Source of Truth
      no secrets are managed locally / ローカルでシークレットを管理しない
      a crashed PC / PCクラッシュ
      too much responsibility / 責任が重すぎる
      unattended / 放置運用
      CI distributes / CIが各サービスに配布
      skips / スキップ
      # List of secrets / シークレット一覧
      `GATEWAY_SECRET`: Worker
      `FLY_API_TOKEN`: Fly.io
      `CLOUDFLARE_API_TOKEN`: Terraform
      # GitHub Secrets set-up / GitHub Secrets設定
      Repository Settings → Secrets and variables → Actions
      `GATEWAY_SECRET`
      `FLY_API_TOKEN`
      `CLOUDFLARE_API_TOKEN`
      # Local development / ローカル開発
      `GatewayMiddleware`
      `ENVIRONMENT`
      `development`
      `X-Gateway-Secret`
      `GATEWAY_SECRET`
      `Forbidden`
      403
      `ENVIRONMENT=development go run ./cmd/server`
      # Verification after deployment / デプロイ後検証
      # Flow / 検証フロー
      `.github/workflows/deploy.yml`
      `deploy-worker`
      `cloudflare/wrangler-action@v3`
      `GATEWAY_SECRET`
      `needs: [deploy-koyeb, deploy-flyio, deploy-worker]`
      `sleep 60`
      Health check Koyeb origin: `https://mcpist.koyeb.app/health`
      Health check Fly.io origin: `https://mcpist.fly.dev/health`
      Verify Worker route: `https://mcp.mcpist.com/health`
      Verify direct access blocked (no secret): `https://mcpist.koyeb.app/api/test`
      All verifications passed
      # What is verified / 検証内容
      Koyeb + SECRET
      Fly.io + SECRET
      mcp.mcpist.com
      200 + JSON
      load balancer route / LBルート
      no SECRET / SECRETなし
      403
      # On failure / 失敗時
      `verify`
      Slack
      repairs / 修正
      act at once / 即座に対応
      # Terraform (IaC) / Terraform（IaC）
      # Purpose / 目的
      CI/CD
      as code / コード管理
      fallback / フォールバック
      # Cloudflare Terraform
      `cloudflare.tf`
      `cloudflare/cloudflare`
      `version = "~> 4.0"`
      `variable "cloudflare_api_token"`
      `sensitive = true`
      `variable "zone_id"`
      `variable "domain"`
      `cloudflare_load_balancer_pool`
      `mcp-servers`
      `koyeb-primary`: `mcpist.koyeb.app`, `enabled = true`, `weight = 1.0`
      `flyio-standby`: `mcpist.fly.dev`, `enabled = true`, `weight = 0.0`
      `minimum_origins = 1`
      `cloudflare_load_balancer_monitor`
      `type = "http"`
      `method = "GET"`
      `path = "/health"`
      `expected_body = "ok"`
      `expected_codes = "200"`
      `interval = 30`
      `retries = 2`
      `timeout = 5`
      `cloudflare_load_balancer`
      `name = "mcp.${var.domain}"`
      `fallback_pool_id`
      `default_pool_ids`
      `proxied = true`
      `steering_policy = "off"`
      # GitHub Actions integration / GitHub Actions統合
      `.github/workflows/terraform.yml`
      `on: push`
      `paths: terraform/**`
      `branches: [main]`
      `apply`
      `runs-on: ubuntu-latest`
      `working-directory: terraform`
      `hashicorp/setup-terraform@v3`
      `terraform_version: "1.7"`
      `terraform init`
      `terraform apply -auto-approve`
      `TF_VAR_cloudflare_api_token`
      `CLOUDFLARE_API_TOKEN`
      `TF_VAR_zone_id`
      `CLOUDFLARE_ZONE_ID`
      `TF_VAR_domain`
      `mcpist.com`
      # Environment variables / 環境変数
      # Common / 共通
      `SUPABASE_URL`: https://xxx.supabase.co
      `SUPABASE_KEY`
      `STRIPE_SECRET_KEY`
      # Per environment / 環境別
      `ENVIRONMENT`
      `production-primary`
      `production-standby`
      `LOG_PREFIX`
      `[koyeb]`
      `[flyio]`
      # Phase 1 scope / Phase 1 スコープ
      # In scope / 実装する
      Fly.io
      GitHub Actions CI/CD
      verification / 検証
      Cloudflare in Terraform / Cloudflare Terraform化
      # Out of scope / 実装しない
      staging / Staging
      blue/green / Blue/Green
      canary / カナリア
      # Related documents / 関連ドキュメント
      dsn-infrastructure.md
      dsn-load-management.md
      """;

  @ParameterizedTest
  @ValueSource(strings = {ENGLISH, JAPANESE})
  void namesAllThatTheStrategyNames(String page) throws IOException {
    // Below the page's own title.
    List<Section> sections = page(page).sections().stream().skip(1).toList();
    List<String> headings = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (String line : STRATEGY.lines().toList()) {
      if (line.startsWith("# ")) {
        headings.add(of(line.substring(2), page));
      } else if (!told(sections, headings.getLast(), of(line, page))) {
        missing.add(headings.getLast() + ": " + line);
      }
    }
    assertThat(sections).extracting(Section::title).containsExactlyElementsOf(headings);
    assertThat(missing).isEmpty();
  }

  // In that page's language.
  private static String of(String line, String page) {
    String[] both = line.split(" / ", 2);
    return page.equals(ENGLISH) ? both[0] : both[both.length - 1];
  }

  private static boolean told(List<Section> sections, String heading, String fact) {
    return sections.stream()
        .filter(s -> s.title().equals(heading))
        .flatMap(s -> s.rows().stream())
        // Both languages have lists of their own form.
        .anyMatch(row -> row.getFirst().replace("、", ", ").contains(fact));
  }

  @ParameterizedTest
  @ValueSource(strings = {ENGLISH, JAPANESE})
  void leadsSomewhereFromEachRow(String page) throws IOException {
    List<List<String>> rows =
        page(page).sections().stream().flatMap(s -> s.rows().stream()).toList();
    assertThat(rows)
        .hasSizeGreaterThan(80)
        .allSatisfy(
            row -> {
              assertThat(row).hasSize(3).doesNotContain("");
              assertThat(Markdown.links(row.get(1) + row.get(2))).isNotEmpty();
            });
  }

  @Test
  void leadsToEachDocument() throws IOException {
    List<Path> reached =
        page(ENGLISH).links().stream()
            .map(l -> Root.PATH.resolve(ENGLISH).resolveSibling(l.target()).normalize())
            .toList();
    try (Stream<Path> pages = DocsTest.pages()) {
      // Decisions have an index, and each Japanese page a link from the English one.
      assertThat(pages.map(Path::normalize))
          .filteredOn(p -> !p.toString().matches(".*(docs/(adr|ja)/.*|\\.ja\\.md)"))
          .filteredOn(p -> !p.endsWith(ENGLISH) && !reached.contains(p))
          .isEmpty();
    }
  }

  private static Markdown page(String page) throws IOException {
    return Markdown.read(Root.PATH.resolve(page));
  }
}
