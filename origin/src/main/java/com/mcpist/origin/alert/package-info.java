/**
 * Tells webhooks of events that somebody should know of, and looks for what will soon be a problem.
 * docs/operations/alerts.md
 */
@NullMarked
package com.mcpist.origin.alert;

import org.jspecify.annotations.NullMarked;
