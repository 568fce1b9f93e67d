package com.mcpist.deploy.config;

/** Where a secret goes. */
public enum SecretTarget {
  /** The Cloudflare Worker. */
  WORKER,
  /** Every origin. */
  ORIGINS,
  /** The workflows, and nowhere else. */
  CI
}
