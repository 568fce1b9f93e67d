@NullMarked
package com.mcpist.deploy.plan;

import org.jspecify.annotations.NullMarked;
