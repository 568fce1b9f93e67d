/**
 * The path of those who deploy: the deployment lock, releases and events, keys and plans, which are
 * rows in the database, so that either origin can be asked; and proofs of secrets.
 */
@NullMarked
package com.mcpist.origin.admin;

import org.jspecify.annotations.NullMarked;
