/**
 * What is kept of deployments: the lock that lets one happen at a time, which releases there were,
 * and what has happened. All of it is in the origins' database, reached by their admin path.
 */
@NullMarked
package com.mcpist.deploy.admin;

import org.jspecify.annotations.NullMarked;
