/**
 * What the origins' database has for those who deploy, reached by the origins' admin path: the lock
 * that lets one deployment happen at a time, releases, events, keys and plans.
 */
@NullMarked
package com.mcpist.deploy.admin;

import org.jspecify.annotations.NullMarked;
