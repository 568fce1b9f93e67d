@NullMarked
package com.mcpist.deploy.config;

import org.jspecify.annotations.NullMarked;
