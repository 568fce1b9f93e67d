@NullMarked
package com.mcpist.deploy.edge;

import org.jspecify.annotations.NullMarked;
