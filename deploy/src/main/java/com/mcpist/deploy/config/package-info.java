/** mcpist.yml as records, and what is wrong with it, by line. */
@NullMarked
package com.mcpist.deploy.config;

import org.jspecify.annotations.NullMarked;
