import "vitest";

declare module "vitest" {
  interface ProvidedContext {
    failover: Record<string, unknown>;
    secrets: Record<string, unknown>;
    auth: Record<string, unknown>;
    errors: Record<string, unknown>;
    originPort: number;
    foreignPort: number;
    sessionPort: number;
    platformPort: number;
    mortalPort: number;
  }
}
