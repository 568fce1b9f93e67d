@NullMarked
package com.mcpist.deploy.http;

import org.jspecify.annotations.NullMarked;
